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
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        try requirePrivate()
        return try TOMLFile(path: path).values[name]
    }

    func set(_ name: String, to value: String?) throws {
        try FileAccess.makeDirectory(environment.configurationDirectory, mode: 0o700)
        if FileManager.default.fileExists(atPath: path) { try requirePrivate() }
        var file = try TOMLFile(path: path)
        let before = file.text
        if let value {
            try file.set(name, to: value, isNumber: false)
        } else {
            try file.unset(name)
        }
        if file.text != before { try file.save(mode: 0o600) }
    }

    /// The origins, such as `https://example.com`, that the user has named with `config set`; keys go there even when a workspace's file asks for it.
    func trustedOrigins() throws -> Set<String> {
        Set((try FileAccess.text(at: originsPath) ?? "").split(whereSeparator: \.isNewline).map(String.init))
    }

    func trust(_ origin: String) throws {
        let origins = try trustedOrigins()
        guard !origins.contains(origin) else { return }
        try FileAccess.makeDirectory(environment.configurationDirectory, mode: 0o700)
        try FileAccess.write(
            origins.union([origin]).sorted().joined(separator: "\n") + "\n", to: originsPath, mode: 0o600)
    }

    /// The file's permissions when others than its owner have any, else nil.
    func widePermissions() -> mode_t? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
        return status.st_mode & 0o777
    }

    private func requirePrivate() throws {
        guard widePermissions() == nil else {
            throw AppError(
                .refused, "\(path) holds keys, but others can read it", hint: "chmod 600 '\(path)' puts that right.")
        }
    }
}
