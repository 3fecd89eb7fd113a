/// What `org.varlink.service.GetInfo` tells about the service. The URL may be empty.
package struct ServiceIdentity: Codable, Sendable, Equatable {
    package var vendor: String
    package var product: String
    package var version: String
    package var url: String
    package var interfaces: [String]

    package init(
        vendor: String = "jobqueue", product: String = "jobqueued",
        version: String = ControlVersion.current, url: String = ""
    ) {
        self.vendor = vendor
        self.product = product
        self.version = version
        self.url = url
        interfaces = [ControlInterface.name, VarlinkService.interface]
    }
}
