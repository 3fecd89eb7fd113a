/// The version of this package.
package enum ControlVersion {
    package static let current = "0.1.0"
}
