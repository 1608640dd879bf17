// MinskyApp: the workspace, its configuration, and the use cases, one file each.
//
// May import MinskyStore, MinskyAI, MinskyFormats, MinskySQL, MinskyModel and TOMLKit; one file, Opening/StoreOpener.swift,
// imports the database drivers. A use case never prints, never reads the terminal, never exits.

import Foundation
import MinskyModel

/// Everything a command takes from the machine it runs on, so that tests can fix it.
public struct Environment: Sendable {
    public var variables: [String: String]
    public var workingDirectory: String
    public var homeDirectory: String
    /// The name of the user of the operating system.
    public var userName: String
    public var now: @Sendable () -> Timestamp
    public var newID: @Sendable () -> String
    /// The local zone's seconds east of UTC at a moment.
    public var utcOffset: @Sendable (Timestamp) -> Int

    /// What this machine calls itself, or nil when it does not say.
    public var hostName: String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        let text = name.withUnsafeBufferPointer { $0.baseAddress.flatMap { String(validatingCString: $0) } }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Starts this program with some arguments and does not wait for it.
    public var startInBackground: @Sendable ([String]) -> Void = { _ in }

    /// Tells whoever called something beside the answer.
    public var warn: @Sendable (String) -> Void = { _ in }

    /// Creates an environment from its parts.
    public init(
        variables: [String: String], workingDirectory: String, homeDirectory: String, userName: String,
        now: @escaping @Sendable () -> Timestamp, newID: @escaping @Sendable () -> String,
        utcOffset: @escaping @Sendable (Timestamp) -> Int
    ) {
        self.variables = variables
        self.workingDirectory = workingDirectory
        self.homeDirectory = homeDirectory
        self.userName = userName
        self.now = now
        self.newID = newID
        self.utcOffset = utcOffset
    }

    /// The machine as it is.
    public static func live() -> Environment {
        let variables = ProcessInfo.processInfo.environment
        let account = getpwuid(getuid())
        func field(_ pointer: UnsafeMutablePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
        var live = Environment(
            variables: variables,
            workingDirectory: FileManager.default.currentDirectoryPath,
            homeDirectory: variables["HOME"] ?? field(account?.pointee.pw_dir) ?? "/",
            userName: field(account?.pointee.pw_name) ?? variables["USER"] ?? "someone",
            now: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
            },
            newID: {
                var generator = SystemRandomNumberGenerator()
                return Identifier.random(using: &generator)
            },
            utcOffset: { moment in
                var seconds = time_t(moment.microseconds / 1_000_000)
                var parts = tm()
                localtime_r(&seconds, &parts)
                return parts.tm_gmtoff
            })
        live.startInBackground = { startDetached($0) }
        return live
    }

    /// The folder for the user's own settings: `$XDG_CONFIG_HOME/minsky`, or `~/.config/minsky`.
    public var configurationDirectory: String {
        if let folder = variables["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/minsky" }
        return homeDirectory + "/.config/minsky"
    }

    /// A path made absolute from the working directory; `~` is the home directory.
    public func absolute(_ path: String) -> String {
        if path == "~" || path.hasPrefix("~/") { return homeDirectory + path.dropFirst() }
        let full = path.hasPrefix("/") ? path : workingDirectory + "/" + path
        return URL(fileURLWithPath: full).standardizedFileURL.path
    }
}
