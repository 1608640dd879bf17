import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Lists and templates, on both databases")
struct BulkCommandTests {
    private static let list = """
        Release 1.2 project:web
          Write the notes +docs pri:high
          Tag it due:2026-12-01
              - [x] Push the tag

        * [ ] Rest \\due:fri

        """

    @Test(arguments: Storage.allCases)
    func aListIsAddedInOneOperation(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let before = try minsky.add("Before")
        let result = try minsky.run("add", "-", "-t", "sprint", "--json", input: .text(Self.list))
        let tasks = try JSON(parsing: result.output)
        #expect(tasks.titles == ["Release 1.2", "Write the notes", "Tag it", "Push the tag", "Rest due:fri"])
        func parent(_ place: Int) -> String? { tasks[place]?["parentId"]?.string }
        #expect(parent(0) == nil && parent(4) == nil)
        #expect(parent(1) == tasks[0]?["id"]?.string && parent(2) == parent(1))
        #expect(parent(3) == tasks[2]?["id"]?.string)
        #expect(tasks[0]?["project"] == "web" && tasks[0]?["tags"] == ["sprint"])
        #expect(tasks[1]?["tags"] == ["docs", "sprint"] && tasks[1]?["priority"] == "high")
        #expect(tasks[3]?["status"] == "done")
        #expect(
            try minsky.json("list").titles == ["Before", "Release 1.2", "Write the notes", "Tag it", "Rest due:fri"])
        try minsky.ok("undo")
        #expect(try minsky.json("list", "--all").titles == ["Before"])
        try minsky.write("A\n B\n", to: minsky.folder + "/list.txt")
        #expect(try minsky.ok("add", "--from", "list.txt", "--parent", before, "-q").split(separator: "\n").count == 2)
        #expect(try minsky.json("list").titles == ["Before", "A", "B"])
    }

    /// Every field that the hint names can be set by a line, and recurrence by what others call it.
    @Test func everyFieldOfTheHintIsRead() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "field.customer", "text")
        let first = try minsky.add("First")
        try minsky.write("---\ncolour: red\n---\n- A\n", to: minsky.workspace + "/templates/wrong.md")
        let hint = try #require(try minsky.failure("add", "--template", "wrong").hint)
        let names = try #require(hint.split(separator: ":").last).dropLast().split(separator: ",").map {
            $0.dropFirst()
        }
        let values = [
            "description": "\"in words\"", "priority": "high", "project": "web", "due": "2100-01-01",
            "wait": "2099-12-01", "scheduled": "2099-12-02", "until": "2100-02-01", "estimate": "2h",
            "complexity": "3", "assignee": "ada", "every": "\"2 weeks\"", "tags": "x,y", "depends": first,
            "customer": "acme",
        ]
        #expect(Set(names.map(String.init)) == Set(values.keys).union(["title"]))
        let line = "Task " + values.map { "\($0):\($1)" }.joined(separator: " ")
        let added = try minsky.run("add", "-", "--json", input: .text(line))
        let task = try #require(try JSON(parsing: added.output)[0], "\(added.errors)")
        #expect(task["title"] == "Task" && task["description"] == "in words" && task["tags"] == ["x", "y"])
        #expect(task["recurrence"]?.string?.hasPrefix("every 2 weeks from 2100-01-01") == true)
        #expect(task["dependsOn"] == [.string(first)] && task["metadata"]?["customer"] == "acme")
        #expect(
            task["waitUntil"] == "2099-12-01T00:00:00.000000Z" && task["scheduledAt"] == "2099-12-02T00:00:00.000000Z")
        #expect(task["dueAt"] == "2100-01-01T23:59:59.000000Z" && task["untilAt"] == "2100-02-01T23:59:59.000000Z")
        for words in ["every:week", "recur:weekly", "recurrence:weekly"] {
            let weekly = try minsky.run("add", "-", "--json", input: .text("A \(words) due:2100-01-01"))
            #expect(try JSON(parsing: weekly.output)[0]?["recurrence"]?.string?.hasPrefix("every week ") == true)
        }
        #expect(try minsky.json("list", "every:weeks", "--all").array?.count == 1)
    }

    /// A field that is misspelt does not vanish in the title, nor does what stands before it.
    @Test func aMisspeltFieldIsRefused() throws {
        let minsky = try Minsky(.sqlite)
        let refused = try minsky.run("add", "-", input: .text("c +x due:fri deu:mon"))
        #expect(refused.exitCode == 2 && refused.errors.contains("line 1: there is no field 'deu'"))
        #expect(refused.errors.contains("Did you mean due?") && refused.errors.contains("\\deu:"))
        let time = try minsky.run("add", "-", input: .text("Call due:fri 17:00"))
        #expect(time.exitCode == 2 && time.errors.contains("due:\"fri 17:00\""))
        let read = try minsky.run(
            "add", "-", "--json", input: .text("Read +x due:2100-01-01 https://example.com \\deu:mon 12:30"))
        let task = try #require(try JSON(parsing: read.output)[0])
        #expect(task["title"] == "Read https://example.com deu:mon 12:30" && task["tags"] == ["x"])
        #expect(task["dueAt"] == "2100-01-01T23:59:59.000000Z")
        #expect(try minsky.run("add", "-", input: .text("A status:done")).errors.contains("status cannot be set"))
    }

    /// A title that is typed is kept as it is; who meant fields is told how to have them.
    @Test func fieldsInATypedTitleAreTold() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.run("add", "Buy", "milk", "due:'next friday'", "+home")
        #expect(result.output.contains("Buy milk due:'next friday' +home"))
        let command = try #require(result.errors.split(separator: "\n").first?.split(separator: ": ").last)
        #expect(command.hasSuffix("--title 'Buy milk' --due 'next friday' --tag home"))
        try minsky.write(command.replacingOccurrences(of: "minsky", with: "\"$minsky\""), to: minsky.folder + "/mend")
        #expect(try minsky.shell("sh ./mend").exitCode == 0)
        let task = try #require(try minsky.json("list")[0])
        #expect(task["title"] == "Buy milk" && task["tags"] == ["home"] && task["dueAt"] != .null)
        #expect(try minsky.run("add", "-q", "Buy due:fri").errors.isEmpty)
        for title in ["Fix due:date", "Read https://example.com", "Meet at 12:30", "Fix deu:mon", "+home"] {
            #expect(try minsky.run("add", title).errors.isEmpty, "\(title)")
        }
        #expect(try minsky.run("add", "A", "--estimate", "2").errors.contains("in minutes: 2m"))
        #expect(try minsky.run("add", "A", "--estimate", "2h").errors.isEmpty)
    }

    @Test func aWrongLineAddsNothing() throws {
        let minsky = try Minsky(.sqlite)
        for (text, words) in [
            ("A\nB due:fir\n", "line 2: 'fir' is not a date"), ("A\n\n+x\n", "line 3: the title is empty"),
        ] {
            let result = try minsky.run("add", "-", input: .text(text))
            #expect(result.exitCode == 2 && result.errors.contains(words))
        }
        #expect(try minsky.run("add", "-", input: .empty).exitCode == 2)
        #expect(try minsky.failure("add").exitCode == 2)
        #expect(try minsky.failure("add", "--from", "nowhere").exitCode == 3)
        #expect(try minsky.json("list", "--all") == [])
    }

    private static let template = """
        ---
        title: Release {{version}}
        project: web
        due: {{when=2026-12-01}}
        ---
        What {{version}} needs.

        - Write the notes +docs
        - Tag {{version}}
          - Push the tag
            by hand

        """

    @Test(arguments: Storage.allCases)
    func aTemplateIsFilledIn(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.ok("config", "set", "field.customer", "text")
        try minsky.write(Self.template, to: minsky.workspace + "/templates/release.md")
        #expect(try minsky.ok("templates") == "release  --set version=… --set when=2026-12-01\n")
        #expect(
            try minsky.json("templates")[0]?["blanks"] == [
                ["name": "version", "default": .null], ["name": "when", "default": "2026-12-01"],
            ])
        let missing = try minsky.failure("add", "--template", "release")
        #expect(missing.exitCode == 2 && missing.message == "the template release needs version")
        #expect(try minsky.failure("add", "--template", "releas").hint == "Did you mean release?")
        let tasks = try minsky.json(
            "add", "--template", "release", "--set", "version=1.2", "--set", "customer=acme", "-p", "high")
        #expect(tasks.titles == ["Release 1.2", "Write the notes", "Tag 1.2", "Push the tag"])
        let top = tasks[0]
        #expect(top?["description"] == "What 1.2 needs." && top?["project"] == "web" && top?["priority"] == "high")
        #expect(top?["dueAt"] == "2026-12-01T23:59:59.000000Z" && top?["metadata"]?["customer"] == "acme")
        #expect(tasks[1]?["parentId"] == top?["id"] && tasks[1]?["project"] == .null)
        #expect(tasks[3]?["parentId"] == tasks[2]?["id"] && tasks[3]?["description"] == "by hand")
        try minsky.ok("undo")
        #expect(try minsky.json("add", "--template", "release", "--set", "version=2", "Other").titles[0] == "Other")
        try minsky.write("---\nproject: web\ncolour: red\n---\n- A\n", to: minsky.workspace + "/templates/wrong.md")
        let wrong = try minsky.failure("add", "--template", "wrong")
        #expect(wrong.exitCode == 2 && wrong.message.hasSuffix("wrong.md, line 3: there is no field 'colour'"))
        try minsky.write("---\nproject: web\n---\n- A\n- B project:home\n", to: minsky.workspace + "/templates/flat.md")
        let flat = try minsky.json("add", "--template", "flat")
        #expect(flat.array?.map { $0["project"] } == ["web", "home"])
    }
}
