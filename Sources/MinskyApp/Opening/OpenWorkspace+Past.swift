import MinskyModel
import MinskyStore

extension OpenWorkspace {
    /// The workspace as it was at a moment, for reading: its clock stands there as well, so that what was due then is due.
    /// - Parameter phrase: The moment as typed; a day means its end.
    /// - Throws: `AppError` with code `.invalidArgument` for a moment that is to come, `.conflict` when the log does not reach
    ///   back so far; `StoreError`, `SQLError`.
    public func past(_ phrase: String) throws -> OpenWorkspace {
        let span = try FieldPhrase.past(phrase, in: environment)
        let isMoment = span.end == span.start.adding(seconds: 1)
        let moment = isMoment ? span.start : min(span.end.adding(seconds: -1), environment.now())
        try store.numberIfAllowed()
        if let since = try store.completeSince(), moment < since {
            let dates = DatePresentation(environment)
            throw AppError(
                .conflict, "the log was compacted, and tells how things stood from \(dates.minute(since)) on only",
                hint: "minsky list --as-of \(since.iso8601) is the earliest; a backup holds what was before.")
        }
        let (store, leftOut) = try store.past(at: moment, in: StoreOpener.inMemory)
        if !leftOut.isEmpty {
            let more = leftOut.count > 5 ? ", and \(leftOut.count - 5) more" : ""
            environment.warn("Left out, as it cannot be read: \(leftOut.prefix(5).joined(separator: ", "))\(more)")
        }
        return OpenWorkspace(workspace, configuration.at(moment), store)
    }
}

extension Configuration {
    /// The same settings at another time.
    fileprivate func at(_ moment: Timestamp) -> Configuration {
        var copy = self
        copy.environment.now = { moment }
        return copy
    }
}
