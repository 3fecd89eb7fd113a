extension JobEvent {
    /// The same attempt, whose outcome came too late.
    var refused: JobEvent {
        var event = self
        event.kind = .refused
        return event
    }
}
