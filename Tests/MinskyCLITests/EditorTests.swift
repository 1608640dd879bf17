import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Tasks in an editor, on both databases")
struct EditorTests {
    /// Runs a command on a terminal with an editor that is a script; the file is its first argument.
    private func edit(_ minsky: Minsky, _ command: String, editor: String) throws -> ProcessResult {
        try minsky.write("#!/bin/sh\n" + editor + "\n", to: minsky.home + "/editor")
        return try minsky.shell(
            "chmod 755 \"$HOME/editor\"; TERM=dumb EDITOR=\"$HOME/editor\" script -qec '\"$minsky\" \(command)' /dev/null"
        )
    }

    @Test(arguments: Storage.allCases)
    func severalTasksAreOneText(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let a = try minsky.add("A", "-d", "Text of A", "-t", "x", "--due", "2026-12-01", "--estimate", "2h")
        let b = try minsky.add("\"B\"", "-p", "low")
        let result = try edit(
            minsky, "edit \(a) \(b)",
            editor: """
                cp "$1" "$HOME/seen"
                sed -i 's/^title: A$/title: A2/; s/^tags: x$/tags: y, z/; s/^due: .*/due:/; s/^priority: low$/priority: high/' "$1"
                sed -i 's/^Text of A$/---\\nMore/' "$1"
                """)
        #expect(result.exitCode == 0, "\(result.output)")
        let seen = try minsky.text(minsky.home + "/seen")
        #expect(seen.contains("due: 2026-12-01 23:59:59\n") && seen.contains("estimate: 2h\n"))
        let (first, second) = (try minsky.json("show", a), try minsky.json("show", b))
        #expect(first["title"] == "A2" && first["tags"] == ["y", "z"] && first["dueAt"] == .null)
        #expect(first["description"] == "---\nMore" && first["estimateMinutes"] == 120)
        #expect(second["title"] == "\"B\"" && second["priority"] == "high")
        // What the person sees again is what they wrote.
        _ = try edit(minsky, "edit title:A2", editor: "sed -i 's/^title: A2/title: A3/' \"$1\"")
        #expect(try minsky.json("show", a)["description"] == "---\nMore")
        #expect(try minsky.json("show", a)["title"] == "A3")
        try minsky.ok("undo")
        try minsky.ok("undo")
        #expect(try minsky.json("show", a)["title"] == "A" && minsky.json("show", b)["priority"] == "low")
    }

    @Test func recurrenceAndDependenciesAreEdited() throws {
        let minsky = try Minsky(.sqlite)
        let first = try minsky.add("First")
        let id = try minsky.add("A", "--due", "2100-01-01", "--every", "2 weeks", "--depends-on", first)
        _ = try edit(
            minsky, "edit \(id)",
            editor: "cp \"$1\" \"$HOME/seen\"; sed -i 's/^every: .*/every: month/; s/^depends: .*/depends:/' \"$1\"")
        let seen = try minsky.text(minsky.home + "/seen")
        #expect(seen.contains("\nevery: every 2 weeks\n") && seen.contains("\ndepends: \(first)\n"))
        let task = try minsky.json("show", id)
        #expect(task["recurrence"]?.string?.hasPrefix("every month from 2100-01-01") == true && task["dependsOn"] == [])
        _ = try edit(
            minsky, "edit \(id)",
            editor: "sed -i 's/^every: .*/every:/; s/^depends:/depends: \(first.prefix(6))/' \"$1\"")
        #expect(try minsky.json("show", id)["recurrence"] == .null)
        #expect(try minsky.json("show", id)["dependsOn"] == [.string(first)])
        let circle = try edit(minsky, "edit \(first)", editor: "sed -i 's/^depends:/depends: \(id)/' \"$1\"")
        #expect(circle.exitCode == 4, "\(circle.output)")
        _ = try edit(
            minsky, "add --editor Weekly",
            editor: "sed -i 's/^due:/due: 2100-01-01/; s/^every:/every: week/; s/^depends:/depends: \(first)/' \"$1\"")
        let weekly = try #require(try minsky.json("list", "title:Weekly")[0])
        #expect(
            weekly["dependsOn"] == [.string(first)] && weekly["recurrence"]?.string?.hasPrefix("every week ") == true)
    }

    @Test func aMistakeOpensTheEditorAgainWithItsPlaceMarked() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        let result = try edit(
            minsky, "edit \(id)",
            editor: """
                if grep -q '^#! ^' "$1"; then
                    grep -B1 -A1 '^#! ^' "$1" > "$HOME/marked"
                    sed -i 's/^due: fir/due: 2026-12-01/' "$1"
                else
                    sed -i 's/^due:/due: fir/' "$1"
                fi
                """)
        #expect(result.exitCode == 0, "\(result.output)")
        #expect(try minsky.text(minsky.home + "/marked").hasPrefix("due: fir\n#! ^ 'fir' is not a date\n"))
        #expect(try minsky.json("show", id)["dueAt"] == "2026-12-01T23:59:59.000000Z")
    }

    /// Whoever leaves the mistake as it is keeps what they wrote.
    @Test func aMistakeThatStaysIsKeptInAFile() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        let result = try edit(minsky, "edit \(id)", editor: "sed -i 's/^due:$/due: fir/' \"$1\"")
        #expect(result.exitCode == 2)
        #expect(result.output.contains("'fir' is not a date"))
        #expect(try kept(result, minsky).contains("due: fir"))
    }

    @Test(arguments: Storage.allCases)
    func aTaskThatWasChangedMeanwhileIsNotOverwritten(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        let result = try edit(
            minsky, "edit \(id)",
            editor:
                "\"$minsky\" edit \(id) --title Other < /dev/null > /dev/null\nsed -i 's/^title: A/title: Mine/' \"$1\""
        )
        #expect(result.exitCode == 4, "\(result.output)")
        #expect(try minsky.json("show", id)["title"] == "Other")
        #expect(try kept(result, minsky).contains("title: Mine"))
    }

    private func kept(_ result: ProcessResult, _ minsky: Minsky) throws -> String {
        let path = try #require(result.output.split(whereSeparator: \.isWhitespace).last { $0.hasSuffix(".md") })
        defer { try? FileManager.default.removeItem(atPath: String(path)) }
        #expect(try minsky.mode(String(path)) == 0o600)
        return try minsky.text(String(path))
    }

    @Test func anEditorThatChangesNothingOrFailsStoresNothing() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        #expect(try edit(minsky, "edit \(id)", editor: "true").output.contains("Nothing changed."))
        #expect(try edit(minsky, "edit \(id)", editor: "exit 3").exitCode == 1)
        #expect(try minsky.json("history", id).array?.count == 1)
        #expect(try minsky.failure("edit", id).exitCode == 2, "without a terminal there is no editor")
    }

    @Test func aNewTaskIsWrittenInAnEditor() throws {
        let minsky = try Minsky(.sqlite)
        let result = try edit(
            minsky, "add --editor -t x Draft",
            editor:
                "sed -i 's/^title: Draft/title: Report/; s/^priority:/priority: high/' \"$1\"; echo 'Text' >> \"$1\"")
        #expect(result.exitCode == 0, "\(result.output)")
        let task = try #require(try minsky.json("list")[0])
        #expect(task["title"] == "Report" && task["priority"] == "high" && task["tags"] == ["x"])
        #expect(task["description"] == "Text")
    }
}
