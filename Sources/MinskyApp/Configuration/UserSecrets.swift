import Foundation
import MinskyModel

/// The user's keys, and the servers they may go to, in files only the user can read.
struct UserSecrets {
    let environment: Environment

    var path: String { environment.configurationDirectory + "/secrets.toml" }
    private var originsPath: String { environment.configurationDirectory + "/trusted-origins" }

    /// A stored key, or nil.
    /// - Throws: `AppError` with code `.refused` when others can read the file.
    func value(of name: String) throws -> String? {
        guard FileAccess.exists(path) else { return nil }
        try requirePrivate()
        return try TOMLFile(path: path).values[name]
    }

    /// Stores a key, or removes it.
    /// - Returns: Whether it was another one before.
    func set(_ name: String, to value: String?) throws -> Bool {
        if FileAccess.exists(path) {
            try requirePrivate()
        } else {
            guard value != nil else { return false }
            try FileAccess.makeDirectory(environment.configurationDirectory, mode: 0o700)
        }
        var file = try TOMLFile(path: path)
        let before = file.text
        if let value {
            try file.set(name, to: value, isNumber: false)
        } else {
            try file.unset(name)
        }
        guard file.text != before else { return false }
        try file.save(mode: 0o600)
        return true
    }

    /// The origins, such as `https://example.com`, that the user has named with `config set`; keys go there even when a
    /// workspace's file asks for it.
    /// - Throws: `AppError` with code `.refused` when others can write the list, `.file`.
    func trustedOrigins() throws -> Set<String> {
        guard !othersCanWriteOrigins() else {
            throw AppError(
                .refused, "\(originsPath) lists the servers you trust, but others can write it",
                hint: "Look at what it lists, then: chmod 600 \(originsPath.shellQuoted)")
        }
        return Set((try FileAccess.text(at: originsPath) ?? "").split(whereSeparator: \.isNewline).map(String.init))
    }

    /// Notes that keys may go to an origin.
    /// - Returns: Whether it was not noted before.
    func trust(_ origin: String) throws -> Bool {
        let origins = try trustedOrigins()
        guard !origins.contains(origin) else { return false }
        try FileAccess.makeDirectory(environment.configurationDirectory, mode: 0o700)
        try FileAccess.write(
            origins.union([origin]).sorted().joined(separator: "\n") + "\n", to: originsPath, mode: 0o600)
        return true
    }

    /// Makes sure that neither file is open to others.
    /// - Throws: `AppError` with code `.refused`, or `.file`.
    func check() throws {
        if FileAccess.exists(path) { try requirePrivate() }
        _ = try trustedOrigins()
    }

    private func requirePrivate() throws {
        guard let status = status(path), status.st_mode & 0o077 == 0 else {
            throw AppError(
                .refused, "\(path) holds keys, but others can read it",
                hint: "This makes it yours alone: chmod 600 \(path.shellQuoted)")
        }
    }

    /// Whether anybody but the user and root could have put an origin there.
    private func othersCanWriteOrigins() -> Bool {
        guard let status = status(originsPath) else { return false }
        return status.st_mode & 0o022 != 0 || ![0, geteuid()].contains(status.st_uid)
    }

    private func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}
