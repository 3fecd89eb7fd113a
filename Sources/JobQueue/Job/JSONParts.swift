// What stands in an object or an array.
extension JSONValue {
    /// The members of the object that begins at `offset` of `text`, each with its name.
    ///
    /// - Parameter depth: how many objects and arrays it stands in.
    package static func members(
        in text: [UInt8], at offset: Int, depth: Int = 0
    ) throws(JSONError) -> [(name: String, value: JSONValue)] {
        var members: [(name: String, value: JSONValue)] = []
        var scanner = JSONScanner(at: offset, depth: depth)
        try scanner.enterObject(in: text.span)
        while let name = try scanner.nextName(in: text.span) {
            let value = try scanner.value(in: text.span)
            members.append((name.string(in: text) ?? "", value))
        }
        return members
    }

    /// The elements of the array that begins at `offset` of `text`.
    package static func elements(
        in text: [UInt8], at offset: Int
    ) throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        var scanner = JSONScanner(at: offset)
        try scanner.enterArray(in: text.span)
        while try scanner.nextElement(in: text.span) {
            elements.append(try scanner.value(in: text.span))
        }
        return elements
    }
}
