/// Names one kind of event in the journal for ever: `journalctl MESSAGE_ID=…` finds all of its kind,
/// in whatever words a version puts it.
public struct MessageID: Hashable, Sendable, CustomStringConvertible {
    private let bits: UInt128

    /// A kind of your own: 128 bits at random, such as `systemd-id128 new` prints.
    public init(_ bits: UInt128) { self.bits = bits }

    /// 32 lower-case hexadecimal digits, as the journal has them.
    public var description: String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

/// The daemon's own kinds. `docs/messages.md` lists them for administrators.
extension MessageID {
    /// The daemon has read its configuration and begins.
    package static let daemonStarting = MessageID(
        0x7d6eb200_d0c74973_bcb4418d_5a0fe075)
    /// It claims jobs from now on.
    package static let daemonReady = MessageID(
        0x4255f7d5_5dca4baf_b156feeb_81f25805)
    /// It claims no more and lets running jobs finish.
    package static let daemonDraining = MessageID(
        0x59bb6082_7f364d51_a8d10da5_bd6bcb32)
    /// It has ended.
    package static let daemonStopped = MessageID(
        0x9947af07_3ff9488d_99724f2d_b5ca1c9b)
    /// The new configuration is in force.
    package static let configurationReloaded = MessageID(
        0x8ea938a2_50954a5b_a2662208_70255617)
    /// The new configuration is bad; the old one stays.
    package static let configurationRefused = MessageID(
        0xde6ff2ce_e78044ca_ac6219ee_0a1ead07)
    /// An attempt failed and another will follow.
    package static let jobRetried = MessageID(
        0xb18490b3_dd8f4f84_a18e4e98_e55248dd)
    /// A job has ended as dead letter.
    package static let jobDead = MessageID(
        0x5cf18ab7_daaf4d6b_b8dde678_571865ed)
    /// A job went back to its queue, no attempt used.
    package static let jobReleased = MessageID(
        0x3698a06a_619a46e5_9fb7bccc_b5c55e44)
    /// An outcome came after its lease was lost and was not written.
    package static let outcomeRefused = MessageID(
        0xc6228c61_a1f941e1_aaf7b9bb_ce68c2d6)
    /// Jobs of a lost worker went back to their queue.
    package static let workerRecovered = MessageID(
        0x6d680a4b_b4c54d0b_87ef675e_4c81ec2e)
    /// This worker was declared lost, and goes on under a new identity.
    package static let leaseLost = MessageID(
        0xe12d2874_01a44039_90a8d763_cda28e4a)
    /// The broker cannot be reached.
    package static let brokerLost = MessageID(
        0x69e54a8a_f28a4f75_a704105b_9dbd6718)
    /// The broker can be reached again.
    package static let brokerBack = MessageID(
        0x33a8aa32_4afd4d36_9c3c6a26_85859e8d)
    /// The broker answers, and refuses: full, read-only, a key of another type.
    package static let brokerRefused = MessageID(
        0x99c537bf_0ef144eb_80afb87a_6363195c)
    /// An operator has paused queues.
    package static let queuePaused = MessageID(
        0x38531aa4_81f54a83_b5b8a413_c442c199)
    /// An operator has resumed queues.
    package static let queueResumed = MessageID(
        0x886870c9_00014ec9_a4a21290_c08ff96d)
    /// An operator has put dead jobs back.
    package static let jobsRequeued = MessageID(
        0x9d72c6d2_aa824fab_8a90617a_d8eee408)
    /// An operator has deleted jobs.
    package static let jobsDeleted = MessageID(
        0xb9805bab_0e4e4798_a13c0549_e30518b8)
    /// Somebody who may not has tried to use the control socket.
    package static let accessRefused = MessageID(
        0xa8117fb5_4b3e4aee_b20f8901_aba0c56d)
    /// Lines of the log were dropped, because nobody took them fast enough.
    package static let linesDropped = MessageID(
        0xc3191f61_955d4cf3_9c32d0f3_92b46563)
}
