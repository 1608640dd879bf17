/// Decides when a transfer has taken too long. It reads no clock: every instant is passed in.
struct TimeLimits {
    private let idle: Duration
    private let total: Duration?
    private let started: ContinuousClock.Instant
    private var lastProgress: ContinuousClock.Instant
    private var bytes: Int64?

    init(_ request: HTTPRequest, startingAt now: ContinuousClock.Instant) {
        idle = request.idleTimeout
        total = request.totalTimeout
        started = now
        lastProgress = now
    }

    /// Notes how far the transfer is.
    ///
    /// - Parameters:
    ///   - bytes: All bytes sent and received so far, or nil as long as there is no connection, which counts as progress:
    ///     libcurl keeps the limit for connecting.
    ///   - now: The present.
    mutating func note(bytes: Int64?, at now: ContinuousClock.Instant) {
        if bytes == nil || bytes != self.bytes { lastProgress = now }
        self.bytes = bytes
    }

    /// Returns which limit has passed, in words, or nil.
    func exceeded(at now: ContinuousClock.Instant) -> String? {
        if let total, now - started >= total { return "not finished within \(total.inSeconds)" }
        if now - lastProgress >= idle { return "no byte for \(idle.inSeconds)" }
        return nil
    }

    /// Returns the milliseconds until a limit may have passed: at least 1, at most 1000.
    func milliseconds(from now: ContinuousClock.Instant) -> Int {
        let untilIdle = idle - (now - lastProgress)
        let untilTotal = total.map { $0 - (now - started) } ?? untilIdle
        return min(max(min(untilIdle, untilTotal, .seconds(1)).milliseconds, 1), 1000)
    }
}

extension Duration {
    /// The duration in whole milliseconds, rounded up, at most `Int32.max`.
    var milliseconds: Int {
        guard self < .milliseconds(Int32.max) else { return Int(Int32.max) }
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// The duration for a message: `1 second`, `60 seconds`, `0.25 seconds`.
    var inSeconds: String {
        let (seconds, attoseconds) = components
        if attoseconds == 0 { return seconds == 1 ? "1 second" : "\(seconds) seconds" }
        return "\(Double(seconds) + Double(attoseconds) / 1e18) seconds"
    }
}
