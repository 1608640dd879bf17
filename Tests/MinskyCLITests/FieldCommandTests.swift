import MinskyModel
import TestSupport
import Testing

@Suite("Fields of one's own, on both databases")
struct FieldCommandTests {
    @Test(arguments: Storage.allCases)
    func areSetTypedShownAndAskedFor(storage: Storage) throws {
        let minsky = try Minsky(storage)
        for (name, kind) in [("customer", "text"), ("price", "number"), ("met", "date"), ("spent", "duration")] {
            try minsky.ok("config", "set", "field.\(name)", kind)
        }
        let id = try minsky.add(
            "Till", "--set", "customer=acme", "--set", "price=2.5", "--set", "met=2026-12-01T10:00:00Z", "--set",
            "spent=1h30m")
        try minsky.ok("add", "Other", "--set", "price=10")
        #expect(
            try minsky.json("show", id)["metadata"] == [
                "customer": "acme", "met": "2026-12-01T10:00:00.000000Z", "price": 2.5, "spent": 90,
            ])
        let sheet = try minsky.ok("show", id)
        #expect(sheet.contains("customer    acme\n"))
        #expect(sheet.contains("spent       1h30m\n"))
        #expect(sheet.contains("met         2026-12-01 10:00\n"))
        #expect(try minsky.json("list", "price<3").titles == ["Till"])
        #expect(try minsky.json("list", "sort:-price").titles == ["Other", "Till"])
        #expect(try minsky.ok("list", "price<3", "--fields", "price").hasSuffix("2.5\n"))
        try minsky.ok("edit", id, "--set", "Price=3", "--unset", "customer")
        let metadata = try minsky.json("show", id)["metadata"]
        #expect(metadata?["price"] == 3 && metadata?["customer"] == nil && metadata?["spent"] == 90)
        try minsky.ok("undo")
        #expect(try minsky.json("show", id)["metadata"]?["customer"] == "acme")
    }

    @Test func areRefusedWhenTheyMakeNoSense() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "field.price", "number")
        let wrong = try minsky.failure("add", "A", "--set", "price=cheap")
        #expect(wrong.exitCode == 2 && wrong.message == "price: 'cheap' is no number")
        let unknown = try minsky.failure("add", "A", "--set", "prize=1")
        #expect(unknown.exitCode == 2 && unknown.hint?.contains("Did you mean price?") == true)
        #expect(unknown.hint?.contains("minsky config set field.prize text") == true)
        #expect(try minsky.failure("add", "A", "--set", "due=fri").exitCode == 2)
        #expect(try minsky.failure("add", "A", "--set", "price").exitCode == 2)
        #expect(try minsky.json("list") == [])
    }
}
