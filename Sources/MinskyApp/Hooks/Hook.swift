import Crypto
import Foundation
import MinskyModel

/// A program of the user's in `.minsky/hooks` that is run when something happens.
///
/// A workspace may come from anybody who can write to a repository, so a hook runs only when the user has approved what it
/// is, byte for byte, and nobody else can put another one in its place.
public struct Hook: Sendable {
    /// What happened.
    public enum Event: String, Sendable, CaseIterable {
        /// Edits have met: those of this replica, or some that wait for a decision.
        case conflict = "on-conflict"
        /// The third sync in a row has failed.
        case failure = "on-sync-failure"
        /// A task is about to be added; the hook may change or refuse it.
        case add = "on-add"
        /// A task is about to be changed; the hook may change or refuse it.
        case modify = "on-modify"
        /// A task is about to be done; the hook may change or refuse it.
        case done = "on-done"
    }

    /// Whether a hook is run.
    public enum State: Sendable, Hashable {
        case missing
        case approved
        /// Why it is not run, and what to type.
        case refused(String, hint: String)
    }

    public let event: Event
    let workspace: OpenWorkspace
    public let path: String

    /// A hook that runs longer is ended, in seconds.
    var patience: Double { Double(workspace.configuration.number("hooks.timeoutSeconds")) }

    /// Names a hook of a workspace.
    public init(_ event: Event, of workspace: OpenWorkspace) {
        self.event = event
        self.workspace = workspace
        path = workspace.workspace.path + "/hooks/" + event.rawValue
    }

    /// Whether it would be run, and if not, why.
    public var state: State {
        var status = stat()
        guard lstat(path, &status) == 0 else { return .missing }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return .refused("\(path) is no file", hint: "A hook is a program, not a link to one.")
        }
        if let folder = Self.openFolder(above: path) {
            return .refused("others can write \(folder)", hint: "chmod go-w \(folder.shellQuoted)")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            return .refused("\(path) is not yours alone", hint: "chmod go-w \(path.shellQuoted)")
        }
        guard status.st_mode & 0o100 != 0 else {
            return .refused("\(path) is no program", hint: "chmod u+x \(path.shellQuoted)")
        }
        do {
            guard let line = try approval(), try ApprovedHooks(workspace.environment).lines().contains(line) else {
                return .refused(
                    "\(path) has not been approved as it is", hint: "If you trust it: minsky hooks --approve")
            }
        } catch {
            return .refused("\(error)", hint: "minsky doctor looks for the cause.")
        }
        return .approved
    }

    /// Approves the hook as it is.
    /// - Throws: `AppError` with code `.refused` when others can write it, `.file`.
    public func approve() throws {
        guard let line = try approval() else { return }
        try ApprovedHooks(workspace.environment).add(line)
        if case .refused(let reason, let hint) = state { throw AppError(.refused, reason, hint: hint) }
    }

    /// What stands in the list of approved hooks: the hash of its bytes, and its path.
    private func approval() throws -> String? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        return SHA256.hash(data: bytes).map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined() + "  " + path
    }

    /// The innermost folder above a path that others can write: they could put another file there.
    private static func openFolder(above path: String) -> String? {
        var folder = (path as NSString).deletingLastPathComponent
        while true {
            var status = stat()
            guard stat(folder, &status) == 0 else { return folder }
            // In a sticky folder, such as /tmp, nobody renames what is another's.
            let isOpen = status.st_mode & 0o022 != 0 && status.st_mode & S_ISVTX == 0
            if isOpen || ![0, geteuid()].contains(status.st_uid) { return folder }
            guard folder.count > 1 else { return nil }
            folder = (folder as NSString).deletingLastPathComponent
        }
    }

    /// How a hook ended.
    struct Ending {
        /// Nil when it was ended because it took too long, or could not be started.
        let exitCode: Int32?
        /// What it printed, cut at some length.
        let output: String
        let errors: String
    }

    /// The most bytes of what a hook prints that are read.
    private static let largestAnswer = 1_000_000

    /// Runs the hook, if there is one that may be run, and waits for its end.
    /// - Parameter message: What it finds on its standard input, as it is; nothing of it is a key.
    /// - Returns: How it ended, or nil when there is none that may be run.
    @discardableResult
    func run(_ message: JSON) -> Ending? {
        guard state == .approved else { return nil }
        let failed = Ending(exitCode: nil, output: "", errors: "")
        // Files rather than pipes: nothing can fill up and stall.
        guard let input = tmpfile() else { return failed }
        defer { fclose(input) }
        guard let output = tmpfile() else { return failed }
        defer { fclose(output) }
        guard let errors = tmpfile() else { return failed }
        defer { fclose(errors) }
        fputs(workspace.configuration.redactor.redacted(message).text(.compact) + "\n", input)
        rewind(input)
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (file, descriptor) in [(input, 0), (output, 1), (errors, 2)] {
            posix_spawn_file_actions_adddup2(&actions, fileno(file), Int32(descriptor))
        }
        // A group of its own, so that what it has started ends with it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var words = [strdup(path), nil]
        var variables = Self.variables(workspace.environment).map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var child = pid_t()
        guard posix_spawn(&child, path, &actions, &attributes, &words, &variables) == 0 else { return failed }
        let end = Date(timeIntervalSinceNow: patience)
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 {
            if Date() > end {
                kill(-child, SIGKILL)
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                return failed
            }
            Thread.sleep(forTimeInterval: 0.002)
        }
        // What a signal ended has refused as well.
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        return Ending(exitCode: code, output: Self.text(of: output), errors: Self.text(of: errors))
    }

    private static func text(of file: UnsafeMutablePointer<FILE>) -> String {
        rewind(file)
        var bytes = [UInt8](repeating: 0, count: largestAnswer)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// What a hook needs to find programs and the person's screen; no key and no password.
    private static func variables(_ environment: Environment) -> [String: String] {
        let names: Set = [
            "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "DISPLAY", "WAYLAND_DISPLAY",
            "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
        ]
        return environment.variables.filter { names.contains($0.key) || $0.key.hasPrefix("LC_") }
    }
}

/// The hooks that the user has approved, one a line, in a file only the user can write.
private struct ApprovedHooks {
    let environment: Environment

    init(_ environment: Environment) { self.environment = environment }

    private var path: String { environment.configurationDirectory + "/approved-hooks" }

    /// - Throws: `AppError` with code `.refused` when others can write the list, `.file`.
    func lines() throws -> Set<String> {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & 0o022 != 0 || ![0, geteuid()].contains(status.st_uid) {
            throw AppError(
                .refused, "\(path) lists the hooks you approve, but others can write it",
                hint: "Look at what it lists, then: chmod 600 \(path.shellQuoted)")
        }
        return Set((try FileAccess.text(at: path) ?? "").split(whereSeparator: \.isNewline).map(String.init))
    }

    func add(_ line: String) throws {
        try FileAccess.makeDirectory(environment.configurationDirectory, mode: 0o700)
        let lines = try lines().union([line]).sorted()
        try FileAccess.write(lines.joined(separator: "\n") + "\n", to: path, mode: 0o600)
    }
}
