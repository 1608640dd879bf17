import ArgumentParser
import CTerminal
import Foundation
import MinskyApp

/// The program: parses its arguments, runs the command, and turns what goes wrong into a message and an exit code.
public enum CommandLineTool {
    /// Runs and exits.
    public static func main() async -> Never {
        keepStandardDescriptors()
        setlocale(LC_CTYPE, "C.UTF-8")
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow any further is an error of the write, which then cleans up.
        signal(SIGXFSZ, SIG_IGN)
        endWhenInterrupted(json: wantsJSON(CommandLine.arguments))
        guard let arguments = validArguments() else {
            let failure = CommandFailure(.usage, "an argument is not valid UTF-8 text")
            exit(tell(failure, json: wantsJSON(CommandLine.arguments), .standard))
        }
        exit(await run(arguments, in: .live(), .standard))
    }

    /// Has the descriptors of closed standard streams taken, by what nothing can be written to: a connection to a server that got
    /// one of them would be sent what is printed.
    private static func keepStandardDescriptors() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest one that is free is given out.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Runs one command line.
    /// - Returns: The exit code.
    static func run(_ arguments: [String], in environment: Environment, _ streams: Streams) async -> Int32 {
        do {
            if let page = HelpRequest(arguments) {
                try page.run(in: environment, streams)
                return 0
            }
            if let failure = UsageFailure.ofHelp(arguments) { throw failure }
            if let failure = UsageFailure.ofCompletion(arguments) { throw failure }
            let arguments = QueryWords.rewriting(arguments)
            var command = try MinskyCommand.parsed(arguments)
            if let command = command as? any ConsoleCommand {
                let console = Console(options: command.global, environment: environment, streams: streams)
                if let zone = environment.unknownZone {
                    console.note("TZ names '\(zone)', which this machine does not know; times are in UTC.")
                }
                try await command.run(on: console)
            } else {
                let isGroup = !type(of: command).configuration.subcommands.isEmpty
                if isGroup, let failure = UsageFailure.ofGroup(arguments) { throw failure }
                try command.run()
            }
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            if let failure = CommandFailure(error) { return tell(failure, json: wantsJSON(arguments), streams) }
            // Help, a version, or arguments that do not parse.
            if MinskyCommand.exitCode(for: error).isSuccess {
                streams.write(MinskyCommand.fullMessage(for: error) + "\n", 1)
                return 0
            }
            return tell(UsageFailure.of(error, arguments), json: wantsJSON(arguments), streams)
        }
    }

    private static func tell(_ failure: CommandFailure, json: Bool, _ streams: Streams) -> Int32 {
        if json { streams.writeJSON(failure.json, .compact, 2) } else { streams.write(failure.text, 2) }
        return failure.kind.exitCode
    }

    private static func wantsJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }

    /// Ends the program at once on Ctrl-C; what has not been committed is not stored. Who started the program to ignore
    /// that, as `nohup` and a script's background do, has decided already.
    private static func endWhenInterrupted(json: Bool) {
        var inherited = sigaction()
        guard sigaction(SIGINT, nil, &inherited) == 0, !inherited.ignoresSignal else { return }
        if json {
            signal(SIGINT) { _ in
                end("{\"error\":{\"code\":\"interrupted\",\"message\":\"interrupted\",\"hint\":null}}\n")
            }
        } else {
            signal(SIGINT) { _ in end("\nInterrupted.\n") }
        }
        // Called by a signal: nothing here may allocate.
        func end(_ message: StaticString) -> Never {
            minsky_show_input()
            write(2, message.utf8Start, message.utf8CodeUnitCount)
            _exit(130)
        }
    }

    /// The arguments, or nil when one of them is not UTF-8: repaired, it would be something nobody typed.
    private static func validArguments() -> [String]? {
        var arguments: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let pointer = CommandLine.unsafeArgv[index], let text = String(validatingCString: pointer) else {
                return nil
            }
            arguments.append(text)
        }
        return arguments
    }
}

extension sigaction {
    /// Whether the handler is `SIG_IGN`, which is no function.
    fileprivate var ignoresSignal: Bool {
        #if canImport(Darwin)
            let handler = __sigaction_u.__sa_handler
        #else
            let handler = __sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
