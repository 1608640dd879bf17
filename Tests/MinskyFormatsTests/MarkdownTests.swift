import MinskyFormats
import MinskyModel
import Testing

struct MarkdownTests {
    @Test func listsAndHeadingsAreRead() throws {
        let read = try imported(try fixture("tasks.md"), as: "markdown")
        #expect(
            read.records.map(\.reference.id) == [
                "Release", "Release / Write the notes", "Release / Tag the commit",
                "Release / Tag the commit / Sign it",
                "Release / Tag the commit / Ask twice", "Release / Announce", "Release / Later",
                "Release / Later / Rest",
                "Release / Later / Wonder",
            ])
        let notes = try read.record("Release / Write the notes")
        #expect(notes.parent?.id == "Release" && notes.line == 5)
        #expect(notes.description == "Two paragraphs.\n\nThe second one:\n```\n- [ ] not a task\n```")
        #expect(try read.record("Release").description == "What we promised.")
        #expect(try read.record("Release")[metadata: "heading"] == true)
        #expect(read.records.map(\.status) == [.todo, .todo, .done, .doing, .dropped, .todo, .todo, .todo, .todo])
        #expect(try read.record("Release / Tag the commit / Ask twice").parent?.id == "Release / Tag the commit")
        #expect(read.skipped.map(\.line) == [23])
        #expect(
            read.warnings.map(\.description) == [
                "line 22, “Release / Later / Wonder”, “status”: “[?]” is read as to do and kept in the metadata",
                "2 lines are not part of a task; left out",
            ])
    }

    @Test func listsAndHeadingsAreWritten() throws {
        let read = try imported(try fixture("tasks.md"), as: "markdown")
        let text = String(decoding: try exported(read.records, as: "markdown").bytes, as: UTF8.self)
        #expect(
            text == """
                # Release

                What we promised.

                - [ ] Write the notes
                  Two paragraphs.

                  The second one:
                  ```
                  - [ ] not a task
                  ```
                - [x] Tag the commit
                  - [/] Sign it
                  - [-] Ask twice
                - [ ] Announce

                ## Later

                - [ ] Rest
                - [?] Wonder

                """)
    }

    @Test func whatIsNotSeenIsCarriedInAComment() throws {
        var record = TaskRecord(reference: Reference(minsky: "zzzzzzzzzzzzzzzz"), title: "Ship --> it <!-- now")
        record.priority = .high
        record.description = "# No heading\n- [ ] no task\n\\- as it is\n```\nopen"
        let text = String(decoding: try exported([record], as: "markdown").bytes, as: UTF8.self)
        #expect(text.hasPrefix("- [ ] Ship --> it <!- - now <!-- {\"id\":\"zzzzzzzzzzzzzzzz\","))
        #expect(text.contains("\n  \\# No heading\n  \\- [ ] no task\n  \\\\- as it is\n  \\```\n  open\n"))
        #expect(try imported(text, as: "markdown").records.map(\.fields) == [record.fields])
    }
}
