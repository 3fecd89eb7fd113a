/// Carries out what the plan says.
struct Stage {
    let ground: any Ground
    let players: [Player]

    func commit(_ fault: Fault) async {
        switch fault {
        case .killDaemon(let number, let back): await players[number].kill(backAfter: back)
        case .drainDaemon(let number): await players[number].drain()
        case .stopDaemon(let number, let time): await players[number].stop(for: time)
        default: await ground.commit(fault)
        }
    }

    /// Awaits everything that was ordered.
    func settle() async {
        await ground.settle()
        for player in players { await player.settle() }
    }
}
