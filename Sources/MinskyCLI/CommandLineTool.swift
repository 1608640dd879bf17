import ArgumentParser
import CTerminal
import Foundation
import MinskyApp

/// The program: parses its arguments, runs the command, and turns what goes wrong into a message and an exit code.
public enum CommandLineTool {
    /// Runs and exits.
    public static func main() async -> Never {
        setlocale(LC_CTYPE, "C.UTF-8")
        signal(SIGPIPE, SIG_IGN)
        let json = wantsJSON(CommandLine.arguments)
        endWhenInterrupted(json: json)
        guard let arguments = validArguments() else {
            fail(CommandFailure(.usage, "an argument is not valid UTF-8 text"), json: json)
        }
        do {
            var command = try MinskyCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            finish(error, arguments)
        }
        exit(0)
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

    private static func wantsJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
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

    private static func finish(_ error: any Error, _ arguments: [String]) -> Never {
        let json = wantsJSON(arguments)
        if let exit = error as? ExitCode { Foundation.exit(exit.rawValue) }
        guard let failure = CommandFailure(error) else {
            // Help, a version, or arguments that do not parse.
            if MinskyCommand.exitCode(for: error).isSuccess {
                Terminal.write(MinskyCommand.fullMessage(for: error) + "\n", to: 1)
                exit(0)
            }
            fail(CommandFailure.parsing(error, arguments), json: json)
        }
        fail(failure, json: json)
    }

    private static func fail(_ failure: CommandFailure, json: Bool) -> Never {
        if json {
            Terminal.write(failure.json, .compact, to: 2)
        } else {
            Terminal.write(failure.text, to: 2)
        }
        exit(failure.kind.exitCode)
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
