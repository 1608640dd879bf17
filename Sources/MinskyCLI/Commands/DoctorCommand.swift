import ArgumentParser
import MinskyApp
import MinskyModel

struct DoctorCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look for what is wrong and say how to put it right; changes nothing.")
    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let checks = CheckHealth().run(directory: console.directory, in: console.environment)
        console.show(
            json: .array(
                checks.map {
                    [
                        "check": .string($0.name), "status": .string($0.status.rawValue), "detail": .string($0.detail),
                        "remedy": .optional($0.remedy),
                    ]
                }),
            ids: checks.filter { $0.status == .failed }.map(\.name)
        ) {
            checks.flatMap { check -> [String] in
                let mark =
                    switch check.status {
                    case .ok: console.style.green("ok      ")
                    case .warning: console.style.yellow("warning ")
                    case .failed: console.style.red("failed  ")
                    }
                let line = mark + TextWidth.pad(check.name, to: 15) + check.detail.terminalSafe()
                return [line] + (check.remedy.map { [TextWidth.pad("", to: 23) + "→ " + $0.terminalSafe()] } ?? [])
            }
        }
        if checks.contains(where: { $0.status == .failed }) { throw ExitCode(1) }
    }
}
