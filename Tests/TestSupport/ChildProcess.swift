import Foundation

/// A program that runs next to a test, with an environment, a folder and standard streams of the test's choosing, no
/// blocked signal, and every signal at its default.
///
/// `Foundation.Process` passes on the signal mask of the thread it is started from, so that a child may never see SIGTERM.
public final class ChildProcess: Sendable {
    /// What the program finds on its standard input.
    public enum Input: Sendable {
        /// An empty file.
        case empty
        /// Nothing at all: the descriptor is closed.
        case closed
        case text(String)
    }

    /// How long a program may run before it is taken to hang and is killed, in seconds.
    private static let patience = 120

    private let process: pid_t
    private let scratch: ScratchFolder

    /// Starts a program, found on the `PATH` of its environment unless it is named by its path.
    /// - Throws: `ProcessFailure` when it cannot be started.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String], folder: String, input: Input = .empty
    ) throws {
        scratch = try ScratchFolder()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var inputPath = "/dev/null"
        if case .text(let text) = input {
            inputPath = scratch.path + "/in"
            try Data(text.utf8).write(to: URL(fileURLWithPath: inputPath))
        }
        posix_spawn_file_actions_addopen(&actions, 0, inputPath, O_RDONLY, 0)
        if case .closed = input { posix_spawn_file_actions_addclose(&actions, 0) }
        // Files rather than pipes: nothing can fill up and stall.
        posix_spawn_file_actions_addopen(&actions, 1, scratch.path + "/out", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, scratch.path + "/err", O_WRONLY | O_CREAT | O_APPEND, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var child = pid_t()
        // `env` changes the folder and then becomes the program.
        let words = (["env", "-C", folder, program] + arguments).map { strdup($0) }
        let variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for pointer in words + variables { free(pointer) } }
        let error = posix_spawn(&child, "/usr/bin/env", &actions, &attributes, words + [nil], variables + [nil])
        guard error == 0 else {
            scratch.remove()
            throw ProcessFailure("\(program) cannot be started: \(String(cString: strerror(error)))")
        }
        process = child
    }

    deinit { scratch.remove() }

    /// Sends a signal.
    public func send(_ signal: Int32) { kill(process, signal) }

    /// Waits for the end and returns what was printed; a program that a signal ended has that as its negative exit code.
    /// - Throws: `ProcessFailure` when it does not end.
    public func wait() throws -> ProcessResult {
        let watchdog = DispatchSource.makeTimerSource(queue: .global())
        watchdog.setEventHandler { [process] in kill(process, SIGKILL) }
        watchdog.schedule(deadline: .now() + .seconds(Self.patience))
        watchdog.activate()
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        watchdog.cancel()
        let signal = status & 0x7F
        guard signal != SIGKILL else {
            throw ProcessFailure("the program did not end within \(Self.patience) seconds: \(text("err"))")
        }
        return ProcessResult(
            exitCode: signal == 0 ? status >> 8 & 0xFF : -signal, output: text("out"), errors: text("err"))
    }

    /// Ends the program at once, whatever it is doing, unless it has ended.
    public func destroy() {
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// Waits until the program has printed a text on standard error.
    /// - Returns: Whether it did before it ended, or some seconds had passed.
    public func hasTold(_ text: String) -> Bool { has(text, in: "err") }

    /// Waits until the program has printed a text on standard output, as `hasTold`.
    public func hasSaid(_ text: String) -> Bool { has(text, in: "out") }

    /// Asks the program to end.
    public func terminate() { kill(process, SIGTERM) }

    private func has(_ text: String, in name: String) -> Bool {
        for _ in 0..<20_000 {
            if self.text(name).contains(text) { return true }
            // A program that has ended can still be signalled until it is waited for; its state tells.
            var info = siginfo_t()
            if waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0, info.si_signo == SIGCHLD {
                return self.text(name).contains(text)
            }
            usleep(500)
        }
        return false
    }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: scratch.path + "/" + name) ?? Data(), as: UTF8.self)
    }
}

extension ProcessFailure {
    /// Creates a failure from what went wrong.
    public init(_ description: String) { self.init(description: description) }
}
