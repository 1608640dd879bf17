import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Words for a shell")
struct ShellQuotingTests {
    @Test(arguments: [
        ("tasks.db", "tasks.db"), ("https://h.test:80/v1", "https://h.test:80/v1"), ("", "''"), ("a b", "'a b'"),
        ("it's", #"'it'\''s'"#), ("$(x)", "'$(x)'"), ("~/x", "'~/x'"), ("a\nb", "'a^Jb'"),
        ("'\u{301}", "''\\''\u{301}'"),
        ("\u{1B}[1m", "'^[[1m'"), ("a=b", "'a=b'"), ("größe", "'größe'"),
    ])
    func areQuotedWhereTheyMustBe(text: String, word: String) {
        #expect(Array(text.shellQuoted.utf8) == Array(word.utf8))
    }

    @Test(arguments: ["it's", "a \"b\" 'c' \\", "$HOME `x` $(y) ${z}", "; | & < > ( ) # * ? [ ] ! ~", "'", "''", "\\"])
    func areReadBackAsTheyWere(text: String) throws {
        let result = try ChildProcess(
            "/bin/sh", ["-c", "printf %s \(text.shellQuoted)"], environment: ["PATH": "/usr/bin:/bin"], folder: "/"
        ).wait()
        #expect(result.output == text)
    }
}
