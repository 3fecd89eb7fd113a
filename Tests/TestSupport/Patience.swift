extension Duration {
    /// How long a test waits for what must come, where no promise says how soon: longer than a slow machine
    /// takes, so that a wait that ends without it has found a defect.
    package static let patience = Duration.seconds(120)
}
