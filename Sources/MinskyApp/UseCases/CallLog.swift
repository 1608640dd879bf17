import MinskyAI
import MinskyModel
import MinskyStore
import Synchronization

/// The calls a use case made, until they are stored.
final class CallLog: Sendable {
    private let workspace: OpenWorkspace
    private let caller: Caller
    private let calls = Mutex<[ModelCall]>([])

    init(workspace: OpenWorkspace, caller: Caller) {
        self.workspace = workspace
        self.caller = caller
    }

    /// A closure that takes reports of calls made for a purpose.
    func noting(_ purpose: String) -> @Sendable (CallReport) -> Void {
        let environment = workspace.environment
        let redactor = workspace.configuration.redactor
        return { [self] report in
            let start = environment.now().microseconds - Int64(report.milliseconds) * 1000
            let call = ModelCall(
                id: environment.newID(), purpose: purpose, taskID: nil, provider: report.provider,
                model: redactor.redacted(report.model),
                startedAt: Timestamp(microseconds: start), milliseconds: report.milliseconds,
                inputTokens: report.usage?.input, outputTokens: report.usage?.output, outcome: report.outcome)
            calls.withLock { $0.append(call) }
        }
    }

    /// Writes the calls as part of an operation.
    func record(taskID: String?, in session: WriteSession) throws {
        for var call in calls.withLock({ $0 }) {
            call.taskID = taskID
            try session.record(call)
        }
    }

    /// Writes the calls in an operation of their own, which undo passes over.
    func save() throws {
        guard !calls.withLock(\.isEmpty) else { return }
        try workspace.perform(workspace.operation("ai", of: caller)) { try record(taskID: nil, in: $0) }
    }
}
