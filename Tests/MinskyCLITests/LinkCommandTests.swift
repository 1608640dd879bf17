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

    @Test(arguments: Storage.allCases)
    func historyTellsOfLinksAlsoWhenTheyAreGone(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Task")
        let link = try minsky.json("link", id, "https://example.com")
        try minsky.ok("link", id, "https://example.com", "--title", "Page")
        #expect(try minsky.ok("history", "--limit", "1").contains("Task: link renamed"))
        try minsky.ok("unlink", id, "https://example.com")
        let history = try minsky.ok("history", id)
        for words in ["link https://example.com added", "link renamed", "link https://example.com removed"] {
            #expect(history.contains(words), "\(words)")
        }
        #expect(try minsky.json("link", id, "https://example.com")["id"] == link["id"], "it is the same one again")
    }

    /// Two who note the same target have one link when they have met.
    @Test func whatTwoHaveLinkedIsOneLink() throws {
        let pair = try SyncPair(.sqlite)
        let id = try pair.ada.add("A")
        try pair.ada.ok("sync")
        try pair.grace.ok("sync")
        try pair.bothEdit(["link", id, "https://example.com"], ["link", id, "https://example.com"])
        for minsky in pair.both { #expect(try minsky.json("links", id).array?.count == 1) }
        try pair.ada.ok("unlink", id, "https://example.com")
        try pair.ada.ok("link", id, "https://example.com", "--title", "Again")
        try pair.ada.ok("sync")
        try pair.grace.ok("sync")
        for minsky in pair.both { #expect(try minsky.json("links", id)[0]?["title"] == "Again") }
    }

    @Test func whatIsNoLinkIsRefused() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        for target in [
            "https://example.com/\u{1B}[31m", "https://example.com/\u{202E}a", "https://a b.example", " ",
            "javascript:alert(1)", "JavaScript:x", "data:text/html,x",
        ] {
            #expect(try minsky.failure("link", id, target).exitCode == 2, "\(target)")
        }
        #expect(try minsky.failure("link", id, "nowhere.md").exitCode == 3)
        #expect(try minsky.json("links", id) == [])
    }
}
