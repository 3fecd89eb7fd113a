import Glibc

/// A `MessageProxy`'s orders and connections.
struct MessageProxyState {
    var isOver = false
    /// What is still to happen, and where.
    var plan: (fault: MessageProxy.Fault, exchange: MessageProxy.Exchange)?
    private var record = MessageProxy.Record()
    private var hasNews = false
    private var counts: [String: Int] = [:]
    private var scripts: [[UInt8]: String] = [:]
    private var talks: [Talk] = []

    /// A client, the server's side for it, and what they have said.
    private struct Talk {
        let number: Int
        let client: Int32
        let server: Int32
        var requests = RESPFramer()
        var replies = RESPFramer()
        /// Requests that Redis has not answered yet.
        var open: [MessageProxy.Exchange] = []
        /// Requests that are kept from Redis; `nil`: none are.
        var kept: [UInt8]?
        /// Whether they go on as soon as the client has hung up.
        var goesOnAlone = false
        var repliesAreLost = false
        /// Answers that are kept from the client; `nil`: none are.
        var keptReplies: [UInt8]?
        var clientIsGone = false
        var isOver = false
    }

    var polled: [pollfd] {
        talks.flatMap { talk in
            (talk.clientIsGone ? [] : [talk.client]) + [talk.server]
        }.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    }

    mutating func add(client: Int32, server: Int32) {
        talks.append(Talk(number: record.conversations.count, client: client, server: server))
        record.conversations.append([])
        hasNews = true
    }

    /// What went through, if there is more than last time.
    mutating func takeNews() -> MessageProxy.Record? {
        defer { hasNews = false }
        return hasNews ? record : nil
    }

    mutating func endAll() {
        for index in talks.indices { end(index) }
        talks = []
    }

    mutating func release() {
        for index in talks.indices {
            deliver(index)
            guard let kept = talks[index].keptReplies.take(), !talks[index].clientIsGone else {
                continue
            }
            SocketBytes.send(kept[...], to: talks[index].client)
        }
    }

    /// Takes what came in on any side, and passes on what may go.
    mutating func move() {
        for index in talks.indices {
            takeRequests(index)
            takeReplies(index)
        }
        talks.removeAll(where: \.isOver)
        let orphans = talks.count(where: \.clientIsGone)
        if orphans != record.orphans { hasNews = true }
        record.orphans = orphans
    }

    // MARK: - One connection

    private mutating func takeRequests(_ index: Int) {
        guard !talks[index].isOver, !talks[index].clientIsGone else { return }
        let (bytes, hasEnded) = SocketBytes.receive(talks[index].client)
        talks[index].requests.append(bytes)
        while !talks[index].isOver, let message = talks[index].requests.next() {
            takeRequest(message, index)
        }
        if hasEnded, !talks[index].isOver { loseClient(index) }
    }

    private mutating func takeRequest(_ message: [UInt8], _ index: Int) {
        let exchange = note(message, index)
        if talks[index].kept != nil {
            talks[index].kept? += message
            return
        }
        switch strike(exchange, at: [.beforeRequest, .inRequest]) {
        case .cut(let boundary, let all)?:
            if boundary == .inRequest { pass(message.prefix(message.count / 2), to: index) }
            cut(index, all: all)
            return
        case .stallRequest?:
            talks[index].kept = message
            talks[index].goesOnAlone = true
        case .loseRequest?: talks[index].kept = message
        case .orphanRequest?:
            talks[index].kept = message
            loseClient(index)
        case .stallReply?, .holdReply?, nil: pass(message[...], to: index)
        }
    }

    private mutating func takeReplies(_ index: Int) {
        guard !talks[index].isOver else { return }
        let (bytes, hasEnded) = SocketBytes.receive(talks[index].server)
        talks[index].replies.append(bytes)
        while !talks[index].isOver, let message = talks[index].replies.next() {
            takeReply(message, index)
        }
        if hasEnded, !talks[index].isOver { end(index) }
    }

    private mutating func takeReply(_ message: [UInt8], _ index: Int) {
        guard !talks[index].open.isEmpty else { return }
        let exchange = talks[index].open.removeFirst()
        learn(message, exchange)
        record.answered.insert(exchange)
        hasNews = true
        if talks[index].clientIsGone || talks[index].repliesAreLost { return }
        if talks[index].keptReplies != nil {
            talks[index].keptReplies? += message
            return
        }
        switch strike(exchange, at: [.beforeReply, .inReply, .afterReply]) {
        case .cut(let boundary, let all)?:
            let part =
                switch boundary {
                case .inReply: message.count / 2
                case .afterReply: message.count
                default: 0
                }
            SocketBytes.send(message.prefix(part), to: talks[index].client)
            cut(index, all: all)
        case .stallReply?: talks[index].repliesAreLost = true
        case .holdReply?: talks[index].keptReplies = message
        default: SocketBytes.send(message[...], to: talks[index].client)
        }
    }

    private mutating func pass(_ message: ArraySlice<UInt8>, to index: Int) {
        SocketBytes.send(message, to: talks[index].server)
    }

    /// The client has hung up, or was made to. Redis hears of it when it has all that was kept.
    private mutating func loseClient(_ index: Int) {
        guard !talks[index].clientIsGone else { return }
        talks[index].clientIsGone = true
        close(talks[index].client)
        if talks[index].kept == nil || talks[index].goesOnAlone { deliver(index) }
    }

    /// Redis gets what was kept, and all of a client that has hung up.
    private mutating func deliver(_ index: Int) {
        if let kept = talks[index].kept { SocketBytes.send(kept[...], to: talks[index].server) }
        talks[index].kept = nil
        // Redis answers what it has got, and then hangs up as well.
        if talks[index].clientIsGone { shutdown(talks[index].server, Int32(SHUT_WR)) }
    }

    private mutating func cut(_ index: Int, all: Bool) {
        for other in talks.indices where all || other == index { end(other) }
    }

    private mutating func end(_ index: Int) {
        guard !talks[index].isOver else { return }
        talks[index].isOver = true
        close(talks[index].server)
        if !talks[index].clientIsGone { close(talks[index].client) }
        talks[index].clientIsGone = true
    }
}

// MARK: - What was said

extension MessageProxyState {
    /// Notes a request under its name.
    private mutating func note(_ message: [UInt8], _ index: Int) -> MessageProxy.Exchange {
        let words = RESPFramer.words(of: message, limit: 3)
        let command = words.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let name =
            switch command {
            case "EVALSHA": scripts[words.count > 1 ? words[1] : []] ?? command
            case "EVAL": Self.scriptName(words.count > 1 ? words[1] : [])
            case "SCRIPT": "load \(Self.scriptName(words.last ?? []))"
            default: command
            }
        counts[name, default: 0] += 1
        let exchange = MessageProxy.Exchange(name, counts[name, default: 0])
        record.exchanges.append(exchange)
        record.conversations[talks[index].number].append(name)
        hasNews = true
        talks[index].open.append(exchange)
        return exchange
    }

    /// Learns a script's digest from the answer to its loading.
    private mutating func learn(_ message: [UInt8], _ exchange: MessageProxy.Exchange) {
        guard exchange.name.hasPrefix("load "),
            let digest = RESPFramer.words(of: message, limit: 1).first
        else { return }
        scripts[digest] = String(exchange.name.dropFirst("load ".count))
    }

    /// The first word of a script's first comment.
    private static func scriptName(_ source: [UInt8]) -> String {
        let text = String(decoding: source.prefix(60), as: UTF8.self)
        return text.drop { !$0.isLetter }.prefix { $0.isLetter }.lowercased()
    }

    /// What is to happen here; it happens only once.
    private mutating func strike(
        _ exchange: MessageProxy.Exchange, at boundaries: [MessageProxy.Boundary]
    ) -> MessageProxy.Fault? {
        guard let (fault, wanted) = plan, wanted == exchange else { return nil }
        let isHere =
            switch fault {
            case .cut(let boundary, _): boundaries.contains(boundary)
            case .stallReply, .holdReply: boundaries.contains(.beforeReply)
            case .stallRequest, .loseRequest, .orphanRequest: boundaries.contains(.beforeRequest)
            }
        guard isHere else { return nil }
        plan = nil
        record.hasFailed = true
        hasNews = true
        return fault
    }
}
