import MinskyModel
import Testing

@Suite("A task on one line")
struct TaskLineTests {
    private func line(_ text: String) -> TaskLine {
        TaskLine(text) { ["due", "wait", "pri", "customer", "deu"].contains($0) }
    }

    @Test func wordsAtTheEndAreFields() {
        let line = line("Mend the till +shop due:fri pri:high customer:\"ac me\"")
        #expect(line.title == "Mend the till")
        #expect(
            line.words == [.tag("shop"), .value("due", "fri"), .value("pri", "high"), .value("customer", "ac me")])
    }

    @Test(arguments: [
        "Call +49 30 1234", "Read http://example.net/a", "Fix due:date in the form", "Say: hello", "A +b c",
        "1:1 with Ada", "What is 2+2", "Note to self:", "colour:red is no field here", "due://example.com", "At 12:30",
        "See note:this", ":)", "a=", "=b",
    ])
    func whatIsNoFieldAtTheEndIsTitle(text: String) {
        #expect(line(text).title == text)
        #expect(line(text).words.isEmpty)
    }

    /// What looks like a field and is none does not make titles of those before it.
    @Test func fieldsStandBeforeWhatLooksLikeOne() {
        let mixed = line("Read +web due:fri https://example.com/a?b=c note:this pri:high")
        #expect(mixed.title == "Read https://example.com/a?b=c note:this")
        #expect(
            mixed.words == [
                .tag("web"), .value("due", "fri"), .title("https://example.com/a?b=c"), .title("note:this"),
                .value("pri", "high"),
            ])
        #expect(line("c +x due:fri deu:mon").words == [.tag("x"), .value("due", "fri"), .value("deu", "mon")])
    }

    @Test func aBackslashKeepsAWordInTheTitle() {
        #expect(line(#"Explain \due:fri"#).title == "Explain due:fri")
        #expect(line(#"Explain \+tag +db"#).title == "Explain +tag")
        #expect(line(#"Explain +db \due:fri"#).words.first == .tag("db"))
        #expect(line(#"A path\ here \n"#).title == #"A path\ here \n"#)
        #expect(line(#"A path \c:\x"#).title == #"A path \c:\x"#)
    }

    @Test func valuesOfSeveralWordsStandInQuotes() {
        #expect(line("A wait:'next monday'").words == [.value("wait", "next monday")])
        #expect(line("A due:\"fri").title == "A", "a quote that is not closed is part of the value")
        #expect(line("  ").title.isEmpty)
        #expect(line("+db").title.isEmpty)
    }
}
