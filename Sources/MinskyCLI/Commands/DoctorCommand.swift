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
            json: .array(checks.map(\.json)),
            ids: checks.filter { $0.status == .failed }.map(\.name)
        ) {
            checks.flatMap { check -> [String] in
                let (mark, color) =
                    switch check.status {
                    case .ok: ("ok      ", console.style.green)
                    case .warning: ("warning ", console.style.yellow)
                    case .failed: ("failed  ", console.style.red)
                    }
                let name = TextWidth.pad(check.name, to: 15)
                let lines = HangingLines.of(
                    check.detail.terminalSafe(), after: mark + name, styled: color(mark) + name, width: console.width)
                // What is to be typed is not broken, as little as in a hint.
                let arrow = TextWidth.pad("", to: console.width < 60 ? 2 : 23) + "→ "
                return lines + (check.remedy.map { [arrow + $0.terminalSafe()] } ?? [])
            }
        }
        if checks.contains(where: { $0.status == .failed }) { throw ExitCode(1) }
    }
}
