import Foundation
import MinskyModel
import MinskySQL
import MinskyStore

/// Looks for everything that would be in the way of a move, so that it can be told at once and before anything is touched.
struct RelocationChecks {
    let workspace: OpenWorkspace
    let from: DatabasePlace
    let to: DatabasePlace
    /// Whether the workspace is moved although others have its store as their upstream.
    var leavesPeers = false

    /// What is in the way; each with what to do about it.
    func problems() throws -> [String] {
        var problems: [String] = []
        if let override = workspace.configuration.placeOverride {
            problems.append("\(override) says where the tasks are and goes before config.toml; remove it")
        }
        if access(workspace.workspace.configurationPath, W_OK) != 0 || access(workspace.workspace.path, W_OK) != 0 {
            problems.append("\(workspace.workspace.configurationPath) cannot be written")
        }
        problems += try sync()
        let installed = workspace.store.installed
        if to.schema != nil, installed.phase == .following, let peer = installed.peer, peer != to {
            problems.append("the workspace is being copied to \(peer) already; minsky migrate abort ends that")
        }
        problems += try space()
        problems += try workspace.store.unstorableValues().map { "\(to) cannot hold \($0)" }
        do {
            if to.schema != nil {
                // As later commands will connect: twice, with nothing but what is noted and the user's own files.
                problems += try Preflight.problems(try to.database(), second: try to.database())
            }
            problems += try occupied()
        } catch let error as SQLError {
            problems.append("\(to) cannot be opened: \(error)")
        } catch let error as StoreError {
            problems.append("\(to): \(error.message)")
        }
        return problems
    }

    func requireNothing(_ problems: [String]) throws {
        guard !problems.isEmpty else { return }
        let count = problems.count == 1 ? "one thing is" : "\(problems.count) things are"
        throw AppError(
            .refused, "\(count) in the way, and nothing was changed",
            hint: problems.map { "– " + $0 }.joined(separator: "\n"))
    }

    /// Whether the store has an upstream, or is one: neither the one nor the others would find it where it goes.
    private func sync() throws -> [String] {
        let (state, peers) = try workspace.store.read { (try $0.syncState(), try $0.peers()) }
        var problems: [String] = []
        if let state {
            problems.append(
                "the workspace has an upstream, \(state.upstream); minsky sync disable ends that, and all tasks stay")
        }
        let alive = workspace.environment.now().adding(seconds: -Store.peerLifetime)
        let names = peers.filter { $0.seenAt >= alive }.map { peer in
            // One line, whatever somebody calls himself.
            let name = peer.name.split(whereSeparator: \.isNewline).joined(separator: " ")
            return "\(name) (\(peer.replicaID), \(peer.seenAt.iso8601.prefix(10)))"
        }
        if !leavesPeers, !names.isEmpty {
            problems.append(
                "\(names.count == 1 ? "1 replica syncs" : "\(names.count) replicas sync") with \(from) and would find it "
                    + "closed: \(names.joined(separator: ", ")); let each type minsky sync and then minsky sync disable, or "
                    + "add --leave-peers")
        }
        return problems
    }

    /// Whether somebody else's things are where the tasks are to go.
    private func occupied() throws -> [String] {
        if to.schema == nil, !FileAccess.exists(to.url) { return [] }
        let database = try to.database()
        guard let found = try InstalledStore(reading: database) else {
            return try Store.isEmpty(database) ? [] : ["\(to) holds something else; name another schema (--schema)"]
        }
        if found.workspaceID != workspace.store.installed.workspaceID {
            return [
                "\(to) holds another workspace, \(found.workspaceID); this one is "
                    + "\(workspace.store.installed.workspaceID); name another schema (--schema)"
            ]
        }
        return found.phase.isOpen ? ["\(to) holds this workspace already, and is in use"] : []
    }

    /// The backup and the database in it need about the room that the rows have now, each.
    private func space() throws -> [String] {
        var status = statvfs()
        guard statvfs(workspace.workspace.path, &status) == 0 else { return [] }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let size = from.schema == nil ? FileAccess.size(from.url) : 0
        guard free < size * 9 / 4 + (1 << 20) else { return [] }
        return [
            "\(workspace.workspace.path) has \(free >> 20) MB free, and about \((size * 9 / 4 >> 20) + 1) MB are needed"
        ]
    }
}
