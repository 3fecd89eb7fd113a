/// The interface that every varlink service has: it says what the service is and can do.
enum VarlinkService {
    static let interface = "org.varlink.service"

    struct DescriptionParameters: ControlParameters {
        static let names = ["interface"]
        var interface: String
    }

    struct DescriptionReply: Codable {
        var description: String
    }

    /// The description of an interface; `nil`: the service does not have it.
    static func description(of interface: String) -> String? {
        switch interface {
        case ControlInterface.name: ControlInterface.description
        case self.interface: ownDescription
        default: nil
        }
    }

    private static let ownDescription = """
        # Every varlink service has this interface: it says what the service is and can do.
        interface org.varlink.service

        # What the service is, and the interfaces that it has.
        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        # The description of one interface.
        method GetInterfaceDescription(interface: string) -> (description: string)

        # The service does not have the interface.
        error InterfaceNotFound (interface: string)

        # The interface does not have the method.
        error MethodNotFound (method: string)

        # The method is there and cannot do what was asked.
        error MethodNotImplemented (method: string)

        # A parameter is missing, unknown, or has a value that it cannot have.
        error InvalidParameter (parameter: string)

        """
}
