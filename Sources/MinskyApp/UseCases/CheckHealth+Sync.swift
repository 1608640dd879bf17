import MinskyModel
import MinskySQL
import MinskyStore

extension CheckHealth {
    /// A clock that differs by more, in seconds, is worth a word.
    private static let clockTolerance = 60
    /// Edits that wait for longer, in seconds, without a sync are worth a word.
    private static let patience = 86_400

    /// Looks at the workspace's upstream, and at what the last syncs have come to. Changes nothing there either.
    func syncChecks(_ workspace: OpenWorkspace) -> [Check] {
        var upstreamNow: Timestamp?
        let upstream = Check(
            "upstream", remedy: "Commands go on without it; minsky sync status tells when it is tried again."
        ) {
            let place = workspace.upstreamPlace
            do {
                let found = try workspace.lookAtUpstream()
                upstreamNow = found.now
                let (there, here) = (found.version, workspace.store.schema.version)
                let behind = found.behind == 0 ? "" : ", \(found.behind) to be pulled"
                guard there == here else {
                    let words =
                        there > here
                        ? "was written by a newer minsky; what is new there is not pulled"
                        : "has an older schema; what needs the newer one waits"
                    return (.warning, "\(place.map { "\($0)" } ?? "") \(words)")
                }
                return (.ok, "\(place.map { "\($0)" } ?? ""), schema version \(there)\(behind)")
            } catch let error as SQLError where [.connection, .busy, .serialization].contains(error.kind) {
                return (.warning, "it cannot be reached: \(error)")
            } catch let error as AppError where [.notFound, .unavailable].contains(error.code) {
                return (.warning, error.message)
            }
        }
        var checks = [upstream, stateCheck(workspace)]
        if let upstreamNow {
            checks.append(
                Check("clock", remedy: "Set the clock of this machine; where the later edit wins, it decides.") {
                    let difference =
                        (workspace.environment.now().microseconds - upstreamNow.microseconds) / 1_000_000
                    guard abs(difference) > Self.clockTolerance else { return (.ok, "as the upstream's") }
                    let side = difference > 0 ? "ahead of" : "behind"
                    return (.warning, "\(abs(difference)) s \(side) that of the upstream")
                })
        }
        return checks
    }

    /// What waits, what failed, what is to be decided about.
    private func stateCheck(_ workspace: OpenWorkspace) -> Check {
        var remedy = "minsky sync tries it at once."
        // What its body finds out, the remedy has to know: it is asked after it.
        return Check("sync", remedy: remedy) {
            let (state, open) = try workspace.store.read { (try $0.syncState(), try $0.openConflicts()) }
            guard let state else { return (.warning, "the workspace has not joined its upstream yet") }
            let dates = DatePresentation(workspace.environment)
            let last = state.syncedAt.map { "last \(dates.minute($0))" } ?? "never yet"
            let waiting = state.waiting == 0 ? "" : ", \(state.waiting) to be pushed"
            if let error = state.error {
                return (.warning, "\(last)\(waiting); failed \(state.failures) times since: \(error)")
            }
            let since = workspace.environment.now().adding(seconds: -Self.patience)
            if state.waiting > 0, state.syncedAt.map({ $0 < since }) ?? true { return (.warning, last + waiting) }
            if open > 0 {
                remedy = "minsky sync conflicts shows what is to be decided about."
                return (.warning, "\(last)\(waiting); \(open == 1 ? "1 conflict is" : "\(open) conflicts are") open")
            }
            return (.ok, last + waiting)
        }
    }
}

extension OpenWorkspace {
    /// What the upstream says of itself, without joining it.
    fileprivate func lookAtUpstream() throws -> (version: Int, behind: Int, now: Timestamp) {
        guard let place = upstreamPlace else { throw AppError(.notSet, "the workspace has no upstream") }
        return try Replica(store, upstream: try StorePlace(place).open()).look()
    }
}
