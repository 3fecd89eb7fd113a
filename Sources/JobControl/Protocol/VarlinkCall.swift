/// A call as it stands in a frame, without its parameters.
struct VarlinkCall: Decodable {
    let method: String
    /// No answer is wanted, not even an error.
    let oneway: Bool?
    /// Further replies would be accepted. Every method of ours has one, which is a fine answer.
    let more: Bool?
    /// The connection shall be used for something else afterwards. Nothing here does that.
    let upgrade: Bool?

    var isOneway: Bool { oneway ?? false }

    /// It may take long although nothing is done: it waits for a job's end.
    var isWait: Bool { interface == ControlInterface.name && member == Wait.name }

    /// The part before the last dot; `nil`: there is none.
    var interface: String? {
        method.lastIndex(of: ".").map { String(method[..<$0]) }
    }

    /// The part after the last dot.
    var member: String {
        method.lastIndex(of: ".").map { String(method[method.index(after: $0)...]) } ?? method
    }
}

/// The parameters of the call in `frame`; no other than those that the method has.
func parameters<Parameters: ControlParameters>(
    _ type: Parameters.Type, of frame: [UInt8]
) throws(ControlError) -> Parameters {
    do {
        let given = try WireJSON.decode(ParameterNames.self, from: frame).names
        // A misspelt parameter that were passed over would do something that nobody asked for.
        if let unknown = given.first(where: { !type.names.contains($0) }) {
            throw ControlError.invalidParameter(unknown)
        }
        guard let parameters = try WireJSON.decode(Call<Parameters>.self, from: frame).parameters
        else { return try WireJSON.decode(type, from: Array("{}".utf8)) }
        return parameters
    } catch let failure as WireJSON.DecodingFailure {
        let path = failure.path.first == "parameters" ? failure.path.dropFirst() : failure.path[...]
        throw .invalidParameter(path.isEmpty ? "parameters" : path.joined(separator: "."))
    } catch let error as ControlError {
        throw error
    } catch {
        throw .invalidParameter("parameters")
    }
}

private struct Call<Parameters: Decodable>: Decodable {
    let parameters: Parameters?
}

/// The names of the parameters that were given, in order.
private struct ParameterNames: Decodable {
    private enum CodingKeys: CodingKey { case parameters }

    /// Any name at all.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    let names: [String]

    init(from decoder: any Decoder) throws {
        let call = try decoder.container(keyedBy: CodingKeys.self)
        guard call.contains(.parameters), try !call.decodeNil(forKey: .parameters) else {
            names = []
            return
        }
        names = try call.nestedContainer(keyedBy: Name.self, forKey: .parameters)
            .allKeys.map(\.stringValue).sorted()
    }
}
