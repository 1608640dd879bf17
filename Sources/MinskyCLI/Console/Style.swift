/// Colors and weights, when they are wanted.
///
/// No color says anything that a word beside it does not say, too. Where a terminal has 256 colors, those chosen can be
/// read on black as well as on white; the eight of old are what a theme makes of them, and yellow is not among those used.
struct Style: Sendable {
    /// A color: its number in the palette of 256, and among the eight of old.
    struct Color: Sendable {
        let palette: Int
        let basic: String
    }

    let isOn: Bool
    /// Whether the terminal has the palette of 256.
    let hasPalette: Bool

    init(isOn: Bool, hasPalette: Bool = false) {
        self.isOn = isOn
        self.hasPalette = hasPalette
    }

    /// Whether variables and the terminal ask for them.
    static func isWanted(_ variables: [String: String], isTerminal: Bool) -> Bool {
        if let force = variables["CLICOLOR_FORCE"], !force.isEmpty, force != "0" { return true }
        if let no = variables["NO_COLOR"], !no.isEmpty { return false }
        return isTerminal && variables["TERM"] != "dumb"
    }

    /// Whether variables say that the terminal has the palette of 256.
    static func hasPalette(_ variables: [String: String]) -> Bool {
        ["truecolor", "24bit"].contains(variables["COLORTERM"]) || variables["TERM"]?.contains("256color") == true
    }

    static let faint = Color(palette: 243, basic: "2")
    static let alarm = Color(palette: 160, basic: "31")
    static let good = Color(palette: 28, basic: "32")
    static let warning = Color(palette: 130, basic: "35")
    static let name = Color(palette: 30, basic: "36")

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { colored(text, Self.faint) }
    /// What is wrong, late or critical.
    func red(_ text: String) -> String { colored(text, Self.alarm) }
    /// What goes on.
    func green(_ text: String) -> String { colored(text, Self.good) }
    /// What matters.
    func yellow(_ text: String) -> String { colored(text, Self.warning) }
    /// Ids.
    func cyan(_ text: String) -> String { colored(text, Self.name) }

    private func colored(_ text: String, _ color: Color) -> String {
        wrap(text, hasPalette ? "38;5;\(color.palette)" : color.basic)
    }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
