import MinskyApp
import MinskyModel

/// Where a command gets its surroundings from and where its answer goes: data to standard output, everything else to
/// standard error.
struct Console: Sendable {
    let environment: Environment
    let directory: String?
    let style: Style
    let width: Int
    private let streams: Streams
    let isJSON: Bool
    let isQuiet: Bool

    init(options: GlobalOptions, environment: Environment, streams: Streams) {
        self.streams = streams
        directory = options.directory
        isJSON = options.json
        isQuiet = options.quiet && !options.json
        let tells = !isJSON && !isQuiet
        var surroundings = environment
        surroundings.warn = { if tells { streams.write($0.terminalSafe() + "\n", 2) } }
        self.environment = surroundings
        let isWanted = Style.isWanted(environment.variables, isTerminal: streams.isTerminal(1))
        style = Style(isOn: !options.noColor && isWanted, hasPalette: Style.hasPalette(environment.variables))
        width = streams.width(environment.variables)
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
            let layout: JSON.Layout = streams.isTerminal(1) ? .indented : .compact
            streams.writeJSON(json(), layout, 1)
        } else {
            let lines = isQuiet ? ids().map { $0.terminalSafe() } : human()
            guard !lines.isEmpty else { return }
            streams.write(lines.joined(separator: "\n") + "\n", 1)
        }
    }

    /// A text after a dimmed label, on as many lines as it takes.
    func labelled(_ label: String, _ text: String, columns: Int) -> [String] {
        let head = TextWidth.pad(label, to: columns)
        return HangingLines.of(text.terminalSafe(), after: head, styled: style.dim(head), width: width)
    }

    /// Tells a person something beside the data, on standard error; not with `--json` or `--quiet`.
    func note(_ text: String) {
        guard !isJSON, !isQuiet else { return }
        streams.write(text.terminalSafe(keepingNewlines: true) + "\n", 2)
    }

    /// Passes on text that another program is to read, as it is; a terminal gets it safe.
    func write(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        streams.write(streams.isTerminal(1) ? text.terminalSafe(keepingNewlines: true) : text, 1)
    }

    /// Whether standard input is a terminal, at which nobody has typed anything yet.
    var readsTerminal: Bool { streams.isTerminal(0) }

    /// Whether a person watches standard error and wants to see progress.
    var showsProgress: Bool { !isJSON && !isQuiet && streams.isTerminal(2) }

    /// Whether a person can be asked something, and sees it.
    var isInteractive: Bool { !isJSON && !isQuiet && streams.isTerminal(0) && streams.isTerminal(2) }

    /// Prints one JSON value on a line of its own.
    func writeJSONLine(_ value: JSON) { streams.writeJSON(value, .compact, 1) }

    /// Asks a person, who says yes or no; where nobody can be asked, the command was the answer.
    func confirms(_ question: String) throws -> Bool {
        guard isInteractive else { return true }
        return ["y", "yes"].contains((ask(question + " [y/N] ") ?? "").lowercased())
    }

    /// Asks a person for a line; nil when they end it with Ctrl-D.
    func ask(_ question: String) -> String? {
        streams.write(question.terminalSafe(), 2)
        guard let line = readLine() else {
            streams.write("\n", 2)
            return nil
        }
        return line.trimmingSpace
    }

    /// Tells a program one step of progress, as a line of JSON on standard error.
    func report(_ step: JSON) { streams.writeJSON(step, .compact, 2) }

    /// Shows a running count in place on standard error; nil takes it away.
    func counter(_ text: String?) {
        guard showsProgress else { return }
        streams.write("\r\u{1B}[K" + (text.map { style.dim($0) } ?? ""), 2)
    }

    /// Shows one line of progress on standard error, no wider than the terminal.
    func progress(_ text: String) {
        guard showsProgress else { return }
        // A model may name a subtask with a megabyte; four characters a column are more than any line shows.
        let start = String(text.unicodeScalars.prefix(4 * width))
        streams.write(style.dim(TextWidth.truncate(start.terminalSafe(), to: width)) + "\n", 2)
    }
}
