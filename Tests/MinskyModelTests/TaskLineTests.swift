import MinskyModel
import Testing

@Suite("A task on one line")
struct TaskLineTests {
    private static let own = [CustomField("customer", .text)]

    @Test func wordsAtTheEndAreFields() {
        let line = TaskLine("Mend the till +shop due:fri pri:high customer:\"ac me\"", customFields: Self.own)
        #expect(line.title == "Mend the till")
        #expect(
            line.words == [
                .tag("shop"), .value(.moment(.due), "fri"), .value(.priority, "high"),
                .value(.custom(Self.own[0]), "ac me"),
            ])
    }

    @Test(arguments: [
        "Call +49 30 1234", "Read http://example.net/a", "Fix due:date in the form", "Say: hello", "A +b c",
        "1:1 with Ada",
        "What is 2+2", "Note to self:", "customer:acme is no field here",
    ])
    func whatIsNoFieldAtTheEndIsTitle(text: String) {
        #expect(TaskLine(text) == TaskLine(text, customFields: []))
        #expect(TaskLine(text).title == text)
        #expect(TaskLine(text).words.isEmpty)
    }

    @Test func aBackslashKeepsAWordInTheTitle() {
        #expect(TaskLine(#"Explain \due:fri"#).title == "Explain due:fri")
        #expect(TaskLine(#"Explain \+tag +db"#).title == "Explain +tag")
        #expect(TaskLine(#"A path\ here \n"#).title == #"A path\ here \n"#)
    }

    @Test func valuesOfSeveralWordsStandInQuotes() {
        #expect(TaskLine("A wait:'next monday'").words == [.value(.moment(.wait), "next monday")])
        #expect(TaskLine("A due:\"fri").title == "A", "a quote that is not closed is part of the value")
        #expect(TaskLine("  ").title.isEmpty)
        #expect(TaskLine("+db").title.isEmpty)
    }
}
