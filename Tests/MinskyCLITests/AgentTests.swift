import MinskyModel
import TestSupport
import Testing

@Suite("What agents use, on both databases")
struct AgentTests {
    /// The loop of docs/agents.md, as a script without jq.
    @Test(arguments: Storage.allCases)
    func theLoopNeedsNoOtherProgram(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.ok("add", "First", "-p", "high")
        try minsky.ok("add", "Second")
        let result = try minsky.shell(
            """
            set -e
            export MINSKY_ACTOR=planner MINSKY_ACTOR_KIND=agent
            minsky() { "$minsky" "$@"; }
            minsky prime > prime.txt
            while id=$(minsky claim -q); do
                minsky show "$id" > shown.txt
                minsky note "$id" "looked at it" > /dev/null
                if grep -q '^First' shown.txt; then
                    new=$(minsky add -q "found on the way" --parent "$id")
                    minsky done "$new" > /dev/null
                fi
                minsky done "$id" > /dev/null
                echo "$id"
            done
            minsky claim -q 2> /dev/null && exit 1
            [ $? = 3 ]
            """)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.lines.count == 2)
        #expect(try minsky.json("list", "is:done").titles == ["First", "found on the way", "Second"])
        #expect(try minsky.json("show", result.lines[0])["assignee"] == "planner")
        let page = try minsky.text(minsky.folder + "/prime.txt")
        #expect(page.contains("minsky claim") && page.contains("You are planner, an agent."))
        #expect(page.contains("2 open, 0 doing, 2 ready, 0 blocked, 0 overdue, 0 mine."))
        #expect(page.contains("First"))
    }

    @Test(arguments: Storage.allCases)
    func primeTellsHowTheWorkspaceStands(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let ada = ["MINSKY_ACTOR": "ada"]
        try minsky.ok("config", "set", "field.price", "number")
        let id = try minsky.add("A")
        try minsky.ok("add", "B", "--depends-on", id)
        try minsky.ok("start", id, environment: ada)
        let json = try minsky.json("prime", environment: ada)
        #expect(json.keys == ["actor", "isAgent", "context", "counts", "doing", "ready", "fields", "guide"])
        #expect(json["counts"] == ["open": 2, "doing": 1, "ready": 0, "blocked": 1, "overdue": 0, "mine": 1])
        #expect(json["doing"]?.titles == ["A"] && json["ready"] == [] && json["fields"] == ["price": "number"])
        #expect(
            try minsky.ok("prime", environment: ada).contains("Fields of this workspace, for --set: price (number)."))
    }

    @Test func theRulesAreWrittenBetweenMarks() throws {
        let minsky = try Minsky(.sqlite)
        let path = minsky.folder + "/AGENTS.md"
        try minsky.write("# Mine\n\nBe kind.", to: path)
        #expect(try minsky.ok("agents-md", "--write") == "Wrote \(path)\n")
        let first = try minsky.text(path)
        #expect(first.hasPrefix("# Mine\n\nBe kind.\n\n<!-- minsky: begin -->\n## Tasks: minsky\n"))
        #expect(first.hasSuffix("\n<!-- minsky: end -->\n"))
        #expect(try minsky.json("agents-md", "--write")["changed"] == false)
        #expect(try minsky.text(path) == first)
        try minsky.write("Above\n<!-- minsky: begin -->\nold\n<!-- minsky: end -->\nBelow", to: path)
        try minsky.ok("agents-md", "--write")
        let second = try minsky.text(path)
        #expect(
            second.hasPrefix("Above\n<!-- minsky: begin -->\n## Tasks")
                && second.hasSuffix("<!-- minsky: end -->\nBelow"))
        #expect(!second.contains("old\n"))
        try minsky.write("<!-- minsky: end -->\n", to: path)
        #expect(try minsky.failure("agents-md", "--write").exitCode == 4)
        #expect(try minsky.text(path) == "<!-- minsky: end -->\n")
    }
}
