import MinskyModel
import TestSupport
import Testing

/// The context of the tests of queries: Friday, 20 November 2026, 10:30:15 UTC.
enum QueryFixture {
    static let now = Timestamp(microseconds: 1_795_170_615_000_000)
    static let context = QueryContext(
        now: now, utcOffset: { _ in 0 }, actor: "ada",
        customFields: [
            CustomField("customer", .text), CustomField("price", .number), CustomField("review", .date),
            CustomField("spent", .duration),
        ])

    static func selection(_ text: String) throws -> TaskSelection { try TaskSelection(parsing: text, in: context) }

    static func query(_ text: String) throws -> Query { try selection(text).query }
}

struct QueryParsingTests {
    private func refusal(_ text: String) -> PhraseError? {
        #expect(throws: PhraseError.self) { try QueryFixture.selection(text) }
    }

    /// What is typed, and the same in the one form in which queries are printed.
    @Test(arguments: [
        ("", ""), (" \t\n ", ""), ("deploy", "deploy"), ("deploy prod", "deploy prod"),
        ("\"deploy prod\"", "\"deploy prod\""), ("'it''s'", nil), ("it's", "\"it's\""),
        (#"'say "so"'"#, #""say \"so\"""#), (#""a\\b\"c\d""#, #""a\\b\"c\\d""#), ("a b or c d", "a b or c d"),
        ("a and b", "a b"), ("a AND (b and c)", "a b c"), ("a (b or c)", "a (b or c)"), ("(a b) or c", "a b or c"),
        ("a or (b or c)", "a or b or c"), ("not a b", "not a b"), ("not (a b)", "not (a b)"),
        ("not (a or b) c", "not (a or b) c"), ("not not a", "not not a"), ("(((a)))", "a"), ("a(b)c", "a b c"),
        ("\"and\" 'or'", "\"and\" \"or\""), ("+db -later", "+db -later"), ("not +db", "-db"), ("not -db", "not -db"),
        ("tag:db", "+db"), ("tags:a,b", "+a or +b"), ("tag!=a", "-a"), ("+\"odd one\"", "+\"odd one\""),
        ("+area:db", "+\"area:db\""), ("+ -", "\"+\" \"-\""), ("12:30", "\"12:30\""), ("wow!", "\"wow!\""),
        ("status:todo", "status:todo"), ("status:todo,done", "status:todo or status:done"),
        ("status:a,b", nil), ("status:open", "is:open"), ("status:pending", "is:open"), ("status:Closed", "is:closed"),
        ("status!=done,dropped", "not (status:done or status:dropped)"), ("is:ready", "is:ready"),
        ("is:doing", "status:doing"), ("IS:Blocked", "is:blocked"), ("is:waiting", "is:waiting"),
        ("priority:high", "priority:high"), ("pri>=H", "priority>=high"), ("priority:none", "not has:priority"),
        ("priority:p0,p1", "priority:critical or priority:high"), ("assignee:ada", "assignee:ada"),
        ("assignee=bob", "assignee:bob"), ("assignee:me", "assignee:ada"), ("assignee:\"me\"", "assignee:\"me\""),
        ("owner:none", "not has:assignee"), ("assignee!=none", "not not has:assignee"),
        ("no:assignee", "not has:assignee"),
        ("assignee:any", "has:assignee"), ("assignee:\"none\"", "assignee:\"none\""), ("project:web", "project:web"),
        ("project=web.api", "project=web.api"), ("title:log", "title:log"), ("title=Log", "title=Log"),
        ("title:none", "title:\"none\""), ("due<eow", "due<eow"), ("due:<=EOW", "due<=eow"), ("due:>fri", "due>fri"),
        ("due.before:eow", "due<eow"), ("due.by:eow", "due<=eow"), ("due.after:eow", "due>eow"),
        ("due!=fri", "not due:fri"),
        ("due<'next  Week'", "due<\"next week\""), ("created>\"3 days ago\"", "created>\"3 days ago\""),
        ("due<2026-12-01T10:00:00Z", "due<\"2026-12-01t10:00:00z\""), ("due:fri,sat", "due:fri or due:sat"),
        ("due:none", "not has:due"), ("due:today deploy", "due:today deploy"), ("estimate>2h", "estimate>2h"),
        ("est>=90", "estimate>=1h30m"), ("estimate>0", "estimate>0m"), ("complexity>7", "complexity>7"),
        ("id:9tzh", "id:9tzh"), ("id:9TZH,edeo", "id:9tzh or id:ede0"), ("parent:none", "not has:parent"),
        ("parent:9tzh", "parent:9tzh"), ("under:9tzh", "under:9tzh"), ("has:notes", "has:notes"),
        ("has:tags", "has:tag"),
        ("has:due", "has:due"), ("customer:acme", "customer:acme"),
        ("customer:\"acme, inc\"", "customer:\"acme, inc\""),
        ("price>=2.50", "price>=2.50"), ("price<-3", "price<\"-3\""), ("price:1e2", "price:100"),
        ("review<eom", "review<eom"), ("spent>1h30m", "spent>1h30m"), ("has:customer", "has:customer"),
        ("Customer:none", "not has:customer"), ("limit:5", "limit:5"), ("sort:-urgency,due", "sort:-urgency,due"),
        ("sort:+due +db limit:20 is:open", "+db is:open sort:due limit:20"), ("a or sort:due b", "a or b sort:due"),
        ("sort:customer,rank,-id", "sort:customer,rank,-id"), ("recur:week", "recurrence:week"),
        ("über", "über"), ("\u{A0}a\u{2003}b", "a b"), ("a\"b", #""a\"b""#),
    ])
    func isPrintedInOneForm(typed: String, printed: String?) throws {
        guard let printed else {
            _ = refusal(typed)
            return
        }
        let selection = try QueryFixture.selection(typed)
        #expect(selection.text == printed)
        #expect(try QueryFixture.selection(printed) == selection)
    }

    /// What is wrong, the part that is marked, and a piece of the hint.
    @Test(arguments: [
        ("+db deu<fri", "deu", "Did you mean due?"), ("asignee:ada", "asignee", "Did you mean assignee?"),
        ("custmer:acme", "custmer", "Did you mean customer?"), ("http://example.com", "http", "quotes"),
        ("is:bloked", "bloked", "Did you mean blocked?"), ("is:purple", "purple", "ready"),
        ("status:doen", "doen", "Did you mean done?"), ("status<done", "status", "status:"),
        ("priority:hihg", "hihg", "Did you mean high?"), ("due<soonish", "soonish", "tomorrow"),
        ("due<fri 17:00", "fri", "due<\"fri 17:00\""), ("due<last monday", "last", "due<\"last monday\""),
        ("due:in 3 days deploy", "in", "due:\"in 3 days\""), ("estimate>big", "big", "45m"),
        ("complexity>11", "11", nil),
        ("id:9tz", "9tz", "4 to 16"), ("id:zu!!", "zu!!", "4 to 16"), ("parent:u", "u", "4 to 16"),
        ("has:status", "status", nil), ("has:note,tg", "tg", "Did you mean tag?"), ("notes:x", "notes", "has:notes"),
        ("due:", "", nil), ("due:fri,", "", nil), ("due<,fri", "", nil), ("assignee<bob", "assignee", "assignee:"),
        ("(a", "(", nil), ("a)", ")", nil), ("()", ")", nil), ("a or", "or", nil), ("or a", "or", "quotes"),
        ("a and and b", "and", "quotes"), ("not", "not", nil), ("a or (b and)", ")", nil),
        ("\"open", "\"", "other kind"),
        ("\"\"", "\"\"", nil), ("\"a\"b", "", nil), ("-status:done", "-status:done", "not status:done"),
        ("+is:ready", "+is:ready", nil), ("-customer:acme", "-customer:acme", "not customer:acme"),
        ("a\0b", "\0", nil), ("price:x", "x", nil), ("customer>a", "customer", "customer:"),
        ("sort:colour", "colour", nil),
        ("sort:urgncy", "urgncy", "Did you mean urgency?"), ("sort:due,-due", "-due", nil), ("sort:tag", "tag", nil),
        ("sort:due sort:id", "sort:id", nil), ("limit:0", "0", "limit:20"), ("limit:5,6", "5", nil),
        ("limit:x", "x", nil),
        ("limit<5", "limit<5", nil), ("limit:99999999999999999999", "99999999999999999999", nil),
        ("(limit:5)", "limit:5", nil), ("limit:5 limit:6", "limit:6", nil), ("not sort:due", "not", nil),
    ])
    func saysWhatIsWrongAndWhere(typed: String, marked: String, hint: String?) throws {
        let error = try #require(refusal(typed))
        let scalars = Array(typed.unicodeScalars)
        #expect(String(String.UnicodeScalarView(scalars[error.range])) == marked, "\(error.message)")
        if let hint { #expect(error.hint?.contains(hint) == true, "\(error.hint ?? "no hint")") }
    }

    @Test func theOrderOfAnOptionIsReadAlike() throws {
        let order = try TaskOrder(parsing: "-urgency,due", in: QueryFixture.context)
        #expect(order.terms == [.init(.urgency, isDescending: true), .init(.field(.moment(.due)))])
        #expect(order.text == "-urgency,due")
        for text in ["", "due,", ",", "due due", "due)", "-", "title,title", "colour"] {
            #expect(throws: PhraseError.self, "\(text)") { try TaskOrder(parsing: text, in: QueryFixture.context) }
        }
    }

    @Test func withoutAnActorMeIsAName() throws {
        var context = QueryFixture.context
        context.actor = nil
        #expect(try TaskSelection(parsing: "assignee:me", in: context).text == "assignee:\"me\"")
    }

    @Test func printingAndParsingAreEachOthersInverse() throws {
        let random = RandomQuery(
            context: QueryFixture.context,
            texts: [
                "deploy", "two words", "and", "NOT", "none", "Any", "me", "a:b", "x<1", "+", "-", "-late", "it's", "\"",
                "\\",
                "\\\"", "(", ")", ",", "a,b", "é", "e\u{301}", "\"\u{301}", " ", "\u{A0}", "\n", "🗓", "!", "!=", "=",
                "12:30",
                "is:ready", "sort:due", "limit:5", "😀 \u{202E}", "a\\", "\u{301}", "0",
            ], prefixes: ["9tzh", "edee", "0123456789abcdef"])
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<5000 {
            let query = random.next(using: &generator)
            let selection = TaskSelection(query, limit: Bool.random(using: &generator) ? 7 : nil)
            let parsed = try QueryFixture.selection(selection.text)
            try #require(parsed == selection, "\(selection.text)")
            // As in the databases, texts are the same when their bytes are.
            try #require(parsed.text.utf8.elementsEqual(selection.text.utf8))
        }
    }

    @Test func randomTextIsReadOrRefused() throws {
        let pieces = [
            "(", ")", "not ", "and ", "or ", "due", "<", ">", ":", "=", "!", "fri", " ", "\"", "'", "\\", ",", "+", "-",
            "id", "9tzh",
            "is:", "ready", "sort:", "limit:", "has:", "none", "é", "\u{301}", "\0", "5", "status", "title", "price",
            "1e999999999",
        ]
        var generator = SeededGenerator(seed: 5)
        var read = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...10, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            do {
                let selection = try QueryFixture.selection(text)
                #expect(try QueryFixture.selection(selection.text) == selection, "\(text) → \(selection.text)")
                read += 1
            } catch let error as PhraseError {
                #expect(error.range.lowerBound >= 0 && error.range.upperBound <= text.unicodeScalars.count)
            }
        }
        #expect(read > 1000)
    }

    @Test(arguments: [
        (String(repeating: "(", count: 19_000), "levels"), (String(repeating: "not ", count: 4900), "levels"),
        (String(repeating: "(a or ", count: 3000), "levels"), (String(repeating: "a ", count: 9000), "conditions"),
        ("id:" + Array(repeating: "9tzh", count: 401).joined(separator: ","), "conditions"),
        (String(repeating: "x", count: 30_000), "characters"),
        (String(repeating: "deu", count: 6000) + ":x", "no field"),
        ("sort:" + Array(repeating: "-urgency", count: 2000).joined(separator: ","), "twice"),
    ])
    func whatIsTooLargeIsRefused(text: String, word: String) throws {
        #expect(try #require(refusal(text)).message.contains(word))
    }

    @Test func whatIsLargeEnoughIsRead() throws {
        let ids = "id:" + Array(repeating: "9tzh", count: 400).joined(separator: ",")
        #expect(try QueryFixture.query(ids) == .or(Array(repeating: .condition(.reference(.id, "9tzh")), count: 400)))
        let deep = String(repeating: "(not ", count: 25) + "a" + String(repeating: ")", count: 25)
        #expect(throws: Never.self) { try QueryFixture.query(deep) }
    }
}
