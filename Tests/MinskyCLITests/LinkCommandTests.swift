import MinskyModel
import TestSupport
import Testing

@Suite("Links of tasks, on both databases")
struct LinkCommandTests {
    @Test(arguments: Storage.allCases)
    func linksAreShownAndTakenAway(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        let page = "https://example.com/a?b=c"
        let link = try minsky.json("link", id, page, "--title", "The page")
        #expect(link.keys == ["id", "taskId", "target", "title", "createdAt", "createdBy"])
        try minsky.write(Array("x".utf8), to: minsky.folder + "/notes.md")
        #expect(try minsky.json("link", id, "./notes.md")["target"] == "notes.md", "from the workspace's folder")
        #expect(try minsky.json("link", id, page)["title"] == "The page", "once more it is the same")
        #expect(try minsky.json("links", id).array?.map { $0["target"]?.string } == [page, "notes.md"])
        #expect(try minsky.json("show", id)["links"] == minsky.json("links", id))
        let shown = try minsky.ok("show", id)
        #expect(shown.contains("link        The page: \(page)") && shown.contains("link        notes.md"))
        #expect(try minsky.ok("history", id).contains("link \(page) added"))
        #expect(try minsky.failure("unlink", id, "https://example.com/").exitCode == 3)
        try minsky.ok("unlink", id, page)
        try minsky.ok("unlink", id, try #require(try minsky.json("links", id)[0]?["id"]?.string))
        #expect(try minsky.json("links", id) == [])
        try minsky.ok("undo")
        #expect(try minsky.json("links", id).array?.count == 1)
    }

    @Test func whatIsNoLinkIsRefused() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        for target in ["https://example.com/\u{1B}[31m", "https://example.com/\u{202E}a", "https://a b.example", " "] {
            #expect(try minsky.failure("link", id, target).exitCode == 2, "\(target)")
        }
        #expect(try minsky.failure("link", id, "nowhere.md").exitCode == 3)
        #expect(try minsky.json("links", id) == [])
    }
}
