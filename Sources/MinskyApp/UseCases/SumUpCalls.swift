import MinskyModel
import MinskySQL
import MinskyStore

/// Tells what the calls of models have come to. Where their rows are shared, the upstream is asked.
public struct SumUpCalls: Sendable {
    /// Calls of so many days.
    public var days: Int

    /// What they have come to.
    public struct Result: Sendable {
        public let models: [ModelUsage]
        /// The upstream, when the calls of all are there and it was to be asked.
        public let upstream: DatabasePlace?
        /// Why it could not be asked: only calls that wait here are counted then.
        public let problem: String?

        /// The documented JSON object.
        public var json: JSON {
            let models = models.map { usage -> JSON in
                [
                    "provider": .string(usage.provider), "model": .string(usage.model),
                    "calls": .integer(Int64(usage.calls)), "failed": .integer(Int64(usage.failed)),
                    "inputTokens": .integer(usage.inputTokens), "outputTokens": .integer(usage.outputTokens),
                ]
            }
            return [
                "models": .array(models), "upstream": .optional(upstream.map { "\($0)" }), "error": .optional(problem),
            ]
        }
    }

    /// Creates the request.
    public init(days: Int) { self.days = days }

    /// Adds them up.
    /// - Throws: `AppError` with code `.invalidArgument`; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        guard (1...36500).contains(days) else { throw AppError(.invalidArgument, "--days is from 1 to 36500") }
        let start = workspace.environment.now().adding(seconds: -days * 86400)
        let (isShared, here, ids) = try workspace.store.read { session in
            let isShared = try session.policies()["ai_calls"] == .shared
            return (isShared, try session.modelUsage(since: start), isShared ? try session.modelCallIDs() : [])
        }
        guard isShared, let place = workspace.upstreamPlace else {
            return Result(models: here, upstream: nil, problem: nil)
        }
        do {
            let there = try workspace.replica().upstream.read { try $0.modelUsage(since: start, except: ids) }
            return Result(models: Self.sum(there + here), upstream: place, problem: nil)
        } catch let error where error is SQLError || error is StoreError || error is AppError {
            return Result(models: here, upstream: place, problem: "\(error)")
        }
    }

    private static func sum(_ usages: [ModelUsage]) -> [ModelUsage] {
        var sums: [ModelUsage] = []
        for usage in usages {
            let place = sums.firstIndex { $0.provider == usage.provider && $0.model == usage.model }
            guard let place else {
                sums.append(usage)
                continue
            }
            sums[place].calls += usage.calls
            sums[place].failed += usage.failed
            sums[place].inputTokens += usage.inputTokens
            sums[place].outputTokens += usage.outputTokens
        }
        return sums.sorted { ($0.provider, $0.model) < ($1.provider, $1.model) }
    }
}
