/// Reads a frame, has the service carry out what it asks for, and writes the answer. Knows no socket.
struct CallDispatcher: Sendable {
    /// What to do after a frame.
    struct Answer: Sendable, Equatable {
        /// The frame to send; empty: none is wanted.
        var frame: [UInt8]
        /// What came is no varlink: nothing more is read.
        var ends = false
        /// The method that the client may not call.
        var deniedMethod: String?
    }

    let service: any ControlService
    let identity: ServiceIdentity
    let frameLimit: Int

    /// What came is no varlink: it is answered, and nothing more is read.
    struct Unreadable: Error {
        let answer: Answer
    }

    /// Reads what is asked for, without its parameters.
    func read(_ frame: [UInt8]) throws(Unreadable) -> VarlinkCall {
        do {
            return try WireJSON.decode(VarlinkCall.self, from: frame)
        } catch {
            let reason = "this is not a varlink call: \(error)"
            throw Unreadable(
                answer: Answer(frame: VarlinkFrame.error(.refused(reason: reason)), ends: true))
        }
    }

    /// Carries out the call that stands in `frame`.
    ///
    /// - Parameter denial: what the caller is answered where it may not act; `nil`: it may.
    func answer(_ call: VarlinkCall, _ frame: [UInt8], denial: ControlError?) async -> Answer {
        var answer = Answer(frame: [])
        do {
            if let denial, call.interface == ControlInterface.name {
                answer.deniedMethod = call.member
                throw denial
            }
            answer.frame = try await reply(to: call, frame)
        } catch let error as ControlError {
            answer.frame = VarlinkFrame.error(error)
        } catch is CancellationError {
            answer.frame = VarlinkFrame.error(.tookTooLong)
        } catch {
            answer.frame = VarlinkFrame.error(.refused(reason: "\(error)"))
        }
        if call.isOneway { answer.frame = [] }
        return answer
    }

    private func reply(to call: VarlinkCall, _ frame: [UInt8]) async throws -> [UInt8] {
        if call.upgrade ?? false { throw ControlError.methodNotImplemented(call.method) }
        switch call.interface {
        case ControlInterface.name:
            return try await controlReply(to: call, frame)
        case VarlinkService.interface:
            return try serviceReply(to: call, frame)
        case let interface?:
            throw ControlError.interfaceNotFound(interface)
        case nil:
            throw ControlError.invalidParameter("method")
        }
    }

    private func serviceReply(to call: VarlinkCall, _ frame: [UInt8]) throws -> [UInt8] {
        switch call.member {
        case "GetInfo":
            _ = try parameters(NoParameters.self, of: frame)
            return VarlinkFrame.reply(identity, limit: frameLimit)
        case "GetInterfaceDescription":
            let asked = try parameters(VarlinkService.DescriptionParameters.self, of: frame)
            guard let description = VarlinkService.description(of: asked.interface) else {
                throw ControlError.interfaceNotFound(asked.interface)
            }
            return VarlinkFrame.reply(
                VarlinkService.DescriptionReply(description: description), limit: frameLimit)
        default:
            throw ControlError.methodNotFound(call.method)
        }
    }

    private func controlReply(to call: VarlinkCall, _ frame: [UInt8]) async throws -> [UInt8] {
        switch call.member {
        case GetStats.name:
            try await perform(GetStats.self, frame) { _ in try await service.stats() }
        case GetQueues.name:
            try await perform(GetQueues.self, frame) { _ in
                .init(queues: try await service.queues())
            }
        case GetWorkers.name:
            try await perform(GetWorkers.self, frame) { _ in
                try await service.workers()
            }
        case Enqueue.name:
            try await perform(Enqueue.self, frame) { order in
                try order.check()
                return .init(jobs: try await service.enqueue(order))
            }
        case Pause.name:
            try await perform(Pause.self, frame) { named in
                .init(queues: try await service.pause(named.queues ?? []))
            }
        case Resume.name:
            try await perform(Resume.self, frame) { named in
                .init(queues: try await service.resume(named.queues ?? []))
            }
        case ListDead.name:
            try await perform(ListDead.self, frame) { try await deadJobs($0) }
        case Show.name:
            try await perform(Show.self, frame) { asked in
                let jobs = try await service.jobs(withID: asked.id)
                return .init(jobs: JobsInFrame(jobs, limit: frameLimit).jobs)
            }
        case Wait.name:
            try await perform(Wait.self, frame) { try await ended($0) }
        case Requeue.name:
            try await perform(Requeue.self, frame) { try await service.requeue($0.selection()) }
        case Delete.name:
            try await perform(Delete.self, frame) { try await service.delete($0.selection()) }
        case Export.name:
            try await perform(Export.self, frame) { asked in
                try await service.exportJobs(after: asked.after).fitting(frameLimit)
            }
        case Import.name:
            try await perform(Import.self, frame) { given in
                guard given.jobs.count <= Import.countLimit else {
                    throw ControlError.invalidParameter("jobs")
                }
                return try await service.importJobs(given.jobs)
            }
        case Reload.name:
            try await perform(Reload.self, frame) { _ in try await service.reloadConfiguration() }
        case Check.name:
            try await perform(Check.self, frame) { _ in try await service.checkConfiguration() }
        case Drain.name:
            try await perform(Drain.self, frame) { _ in try await service.drain() }
        default:
            throw ControlError.methodNotFound(call.method)
        }
    }

    private func perform<Method: ControlMethod>(
        _ method: Method.Type, _ frame: [UInt8],
        _ body: (Method.Parameters) async throws -> Method.Reply
    ) async throws -> [UInt8] {
        let reply = try await body(parameters(Method.Parameters.self, of: frame))
        return VarlinkFrame.reply(reply, limit: frameLimit)
    }

    private func ended(_ asked: Wait.Parameters) async throws -> Wait.Reply {
        let timeout = asked.timeout ?? Wait.standardTimeout
        guard Wait.timeouts.contains(timeout) else {
            throw ControlError.invalidParameter(Wait.Parameters.CodingKeys.timeout.rawValue)
        }
        let outcome = try await service.job(
            withID: asked.id, in: asked.queue, endedWithin: .milliseconds(timeout))
        switch outcome {
        case .ended(let job):
            return Wait.Reply(job: JobsInFrame([job], limit: frameLimit).jobs.first)
        case .open(let isRemembered):
            return Wait.Reply(job: nil, isRemembered: isRemembered)
        }
    }

    private func deadJobs(_ asked: ListDead.Parameters) async throws -> ListDead.Reply {
        let limit = asked.limit ?? ListDead.defaultLimit
        guard ListDead.limits.contains(limit) else { throw ControlError.invalidParameter("limit") }
        // One more than is shown tells whether there are others.
        let found = try await service.deadJobs(in: asked.queue, limit: limit + 1)
        let shown = JobsInFrame(Array(found.prefix(limit)), limit: frameLimit)
        return ListDead.Reply(jobs: shown.jobs, more: found.count > limit || shown.leftOut)
    }
}
