/// Colors and weights, when they are wanted.
struct Style: Sendable {
    let isOn: Bool

    /// Whether variables and the terminal ask for them.
    static func isWanted(_ variables: [String: String], isTerminal: Bool) -> Bool {
        if let force = variables["CLICOLOR_FORCE"], !force.isEmpty, force != "0" { return true }
        if let no = variables["NO_COLOR"], !no.isEmpty { return false }
        return isTerminal && variables["TERM"] != "dumb"
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
