import MinskyModel
import TestSupport
import Testing

@testable import MinskyCLI

@Suite("Pages of help, and the manual")
struct HelpTopicTests {
    @Test(arguments: HelpTopic.all.map(\.name))
    func everyPageIsThatOfTheDocumentation(name: String) throws {
        let minsky = try Minsky()
        let file = try minsky.text(TranscriptTests.root + "/docs/\(name).md")
        #expect(try minsky.json("help", name) == ["topic": .string(name), "markdown": .string(file)])
        let page = try minsky.ok("help", name)
        #expect(page.split(separator: "\n").allSatisfy { TextWidth.of($0) <= 100 || $0.hasPrefix("    ") })
        #expect(!page.contains("]("), "links are their words")
        #expect(try minsky.ok("help", "topics").contains("\n\(name) ") || name == HelpTopic.all[0].name)
    }

    @Test func tablesBecomeLists() {
        let page = TopicPage(
            """
            # Head

            Some `code` and a [link](other.md).

            | typed | means |
            |---|---|
            | `a\\|b` | either |

            - one
              more
            - two

            ```
            | as it is
            ```
            """, style: Style(isOn: false), width: 40)
        #expect(
            page.lines() == [
                "Head", "", "Some code and a link.", "", "typed  means", "a|b    either", "", "- one more", "- two", "",
                "    | as it is",
            ])
    }

    @Test func commandsKeepTheirHelp() throws {
        let minsky = try Minsky()
        #expect(try minsky.ok("help", "list").contains("USAGE: minsky list"))
        #expect(try minsky.ok("sync", "--help").contains("USAGE: minsky sync"))
        let near = try minsky.failure("help", "querys")
        #expect(near.exitCode == 2 && near.hint == "Did you mean minsky help queries?")
    }

    @Test func theManualNamesEveryCommand() throws {
        let page = try Minsky().ok("manual")
        for name in MinskyCommand.configuration.subcommands.filter({ $0.configuration.shouldDisplay }) {
            #expect(page.contains(".SS \"minsky \(name._commandName.replacing("-", with: "\\-"))\""))
        }
        #expect(page.hasPrefix(".TH MINSKY 1 "))
        #expect(!page.contains("\n.SS \"minsky manual\""))
        // What `man` has to say about it.
        let minsky = try Minsky()
        try minsky.write(page, to: minsky.folder + "/minsky.1")
        let shown = try minsky.shell("MANWIDTH=80 man -l --warnings ./minsky.1 2> warnings | col -b; cat warnings >&2")
        #expect(shown.errors == "")
        #expect(shown.output.contains("minsky tasks decompose"))
    }
}

@Suite("Colors")
struct StyleTests {
    /// The contrast of a color of the palette with a gray background, as WCAG 2.1 (1.4.3) defines it.
    private static func contrast(_ number: Int, with background: Double) -> Double {
        let levels = [0.0, 95, 135, 175, 215, 255]
        let cube = number - 16
        let parts =
            number >= 232
            ? [Double](repeating: Double(8 + 10 * (number - 232)), count: 3)
            : [levels[cube / 36], levels[cube / 6 % 6], levels[cube % 6]]
        let linear = parts.map { value -> Double in
            let part = value / 255
            var power = (part + 0.055) / 1.055
            // x to 2.4 by x² · x^0.4, without a library: five rounds of Newton's way for the fifth root of x².
            let square = power * power
            var root = 0.9
            for _ in 0..<60 { root -= (root * root * root * root * root - square) / (5 * root * root * root * root) }
            power = square * root
            return part <= 0.04045 ? part / 12.92 : power
        }
        let luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        let (high, low) = (max(luminance, background), min(luminance, background))
        return (high + 0.05) / (low + 0.05)
    }

    @Test(arguments: [Style.faint, Style.alarm, Style.good, Style.warning, Style.name].map(\.palette))
    func canBeReadOnBlackAndOnWhite(color: Int) {
        #expect(Self.contrast(color, with: 0) > 3.8)
        #expect(Self.contrast(color, with: 1) > 3.8)
    }

    @Test func thePaletteIsUsedWhereThereIsOne() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        let force = ["CLICOLOR_FORCE": "1"]
        #expect(try minsky.ok("list", environment: force).contains("\u{1B}[36m\(id.prefix(4))"))
        let colors = try minsky.ok("list", environment: force.merging(["TERM": "xterm-256color"]) { $1 })
        #expect(colors.contains("\u{1B}[38;5;30m\(id.prefix(4))"))
        #expect(!(try minsky.ok("list", environment: ["NO_COLOR": "1", "TERM": "xterm-256color"])).contains("\u{1B}"))
        #expect(!(try minsky.ok("list", "--no-color", environment: force)).contains("\u{1B}"))
    }
}
