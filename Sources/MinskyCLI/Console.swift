import Foundation
import MinskyApp
import MinskyModel

/// Where a command gets its surroundings from and where its answer goes: data to standard output, everything else to
/// standard error.
struct Console: Sendable {
    let environment: Environment
    let directory: String?
    private let isJSON: Bool
    private let isQuiet: Bool
    let style: Style
    let width: Int

    init(options: GlobalOptions, environment: Environment) {
        self.environment = environment
        directory = options.directory
        isJSON = options.json
        isQuiet = options.quiet && !options.json
        style = Style(isOn: !options.noColor && Style.isWanted(environment.variables))
        width = Terminal.width(environment.variables)
    }

    /// Opens the workspace the command means.
    /// - Parameter overrides: Settings given as options, by key; nil values are left out.
    func workspace(_ overrides: [String: String?] = [:]) throws -> OpenWorkspace {
        try OpenWorkspace(directory, overrides: overrides.compactMapValues { $0 }, in: environment)
    }

    /// Prints the answer in the form that was asked for.
    /// - Parameters:
    ///   - json: The documented JSON.
    ///   - ids: What `--quiet` prints, one a line.
    ///   - human: Lines for people, safe for a terminal.
    func show(json: @autoclosure () -> JSON, ids: @autoclosure () -> [String], human: () -> [String]) {
        if isJSON {
            let layout: JSON.Layout = Terminal.isTerminal(1) ? .indented : .compact
            Terminal.write(json(), layout, to: 1)
        } else {
            let lines = isQuiet ? ids().map { $0.terminalSafe() } : human()
            guard !lines.isEmpty else { return }
            Terminal.write(lines.joined(separator: "\n") + "\n", to: 1)
        }
    }

    /// Tells a person something beside the data, on standard error; not with `--json` or `--quiet`.
    func note(_ text: String) {
        guard !isJSON, !isQuiet else { return }
        Terminal.write(text.terminalSafe(keepingNewlines: true) + "\n", to: 2)
    }

    /// Whether a person watches standard error and wants to see progress.
    var showsProgress: Bool { !isJSON && !isQuiet && Terminal.isTerminal(2) }

    /// Shows a line of progress on standard error.
    func progress(_ text: String) {
        guard showsProgress else { return }
        Terminal.write(style.dim(text.terminalSafe()) + "\n", to: 2)
    }
}

/// Colors and weights, when they are wanted.
struct Style: Sendable {
    let isOn: Bool

    static func isWanted(_ variables: [String: String]) -> Bool {
        if let force = variables["CLICOLOR_FORCE"], !force.isEmpty, force != "0" { return true }
        if let no = variables["NO_COLOR"], !no.isEmpty { return false }
        return Terminal.isTerminal(1) && variables["TERM"] != "dumb"
    }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func cyan(_ text: String) -> String { wrap(text, "36") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
