import MinskyModel
import TestSupport
import Testing

/// What conditions mean, on the reference that a compiler of queries is held against.
struct QueryMeaningTests {
    /// Now is Friday, 20 November 2026, 10:30:15 UTC.
    private static func evaluator() throws -> QueryEvaluator {
        func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text + "Z")) }
        func task(_ id: String, _ change: (inout TaskItem) throws -> Void) throws -> TaskItem {
            var task = TaskItem(id: id, title: "Task \(id)", rank: id, createdAt: try moment("2026-11-10T08:00"))
            try change(&task)
            return task
        }
        let tasks = [
            try task("aaaa") {
                $0.title = "Deploy the shop"
                $0.dueAt = try moment("2026-11-19T23:59:59")
                $0.priority = .high
                $0.assignee = "ada"
                $0.tags = ["db", "web"]
                $0.project = "web.api"
            },
            try task("bbbb") {
                $0.parentID = "aaaa"
                $0.dependsOn = ["cccc"]
                $0.dueAt = try moment("2026-11-22T23:59:59")
                $0.estimateMinutes = 120
                $0.project = "web"
                $0.metadata = ["customer": "acme", "price": 2.5, "spent": 30]
            },
            try task("cccc") {
                $0.parentID = "aaaa"
                $0.status = .doing
                $0.priority = .critical
                $0.startedAt = try moment("2026-11-18T09:00")
                $0.description = "DEPLOY later"
                $0.complexity = 8
                $0.project = "website"
            },
            try task("dddd") {
                $0.status = .done
                $0.dueAt = try moment("2026-11-01T12:00")
                $0.completedAt = try moment("2026-11-16T12:00")
                $0.dependsOn = ["bbbb"]
            },
            try task("eeee") {
                $0.waitUntil = try moment("2026-11-25T00:00")
                $0.dueAt = try moment("2026-11-20T17:00")
                $0.metadata = ["review": "2026-11-20T00:00:00.000000Z", "price": "2.5"]
            },
            try task("ffff") {
                $0.scheduledAt = try moment("2026-11-20T10:30:16")
                $0.dependsOn = ["dddd", "gggg"]
            },
            try task("gggg") { $0.deletedAt = try moment("2026-11-11T00:00") },
        ]
        return QueryEvaluator(
            tasks,
            surroundings: ["bbbb": .init(notes: ["Ask Ada about deployment"])], now: QueryFixture.now)
    }

    @Test(arguments: [
        ("", "abcdef"), ("is:open", "abcef"), ("is:closed", "d"), ("is:ready", "c"), ("is:blocked", "b"),
        ("is:blocking", "c"), ("is:overdue", "a"), ("is:waiting", "e"), ("is:leaf", "bcdef"), ("is:open -is", "abcef"),
        ("deploy", "abc"), ("deploy -db", "bc"), ("\"ask ada\"", "b"), ("+db", "a"), ("tag:db,web", "a"),
        ("-db", "bcdef"),
        ("status:todo", "abef"), ("priority>=high", "ac"), ("priority<critical", "a"), ("priority:none", "bdef"),
        ("assignee:me", "a"), ("assignee:none", "bcdef"), ("project:web", "ab"), ("project=web", "b"),
        ("title:SHOP", "a"), ("description:deploy", "c"), ("due<today", "ad"), ("due:today", "e"),
        ("due<=today", "ade"),
        ("due<sun", "ade"), ("due<eow", "abde"), ("due:eow", "b"), ("due>eow", ""), ("due>today", "b"),
        ("due>=today", "be"),
        ("due!=today", "abcdf"), ("due:none", "cf"), ("due<\"today 17:00\"", "ad"), ("due:\"today 17:00\"", "e"),
        ("completed>=sow", "d"), ("completed<sow", ""), ("started>\"3 days ago\"", "c"),
        ("created<yesterday", "abcdef"),
        ("estimate>=2h", "b"), ("estimate<2h", ""), ("not estimate<2h", "abcdef"), ("complexity>7", "c"),
        ("id:aaaa", "a"),
        ("parent:aaaa", "bc"), ("under:aaaa", "abc"), ("parent:none", "adef"), ("has:notes", "b"), ("has:tag", "a"),
        ("customer:acme", "b"), ("price>2", "b"), ("price:2.50", "b"), ("spent<1h", "b"), ("review:today", "e"),
        ("has:price", "be"), ("scheduled>now", "f"), ("is:ready or is:overdue", "ac"),
        ("not (is:open or +db)", "d"), ("is:open (deploy or has:due) -db", "bce"), ("under:bbbb,dddd", "bd"),
    ])
    func letsThroughWhatIsMeant(query: String, initials: String) throws {
        let found = try Self.evaluator().matching(try QueryFixture.query(query))
        #expect(found.map { $0.prefix(1) }.joined() == initials)
    }

    @Test(arguments: [
        ("-id", "fedcba"), ("due", "daebcf"), ("-due", "beadcf"), ("-priority,-id", "cafedb"), ("status,-id", "febacd"),
        ("title", "abcdef"), ("-title,rank", "fedcba"), ("price,id", "bacdef"), ("assignee,-rank", "afedcb"),
        ("-urgency", "cabdef"), ("project", "bacdef"), ("-created,id", "abcdef"),
    ])
    func putsInOrderWhatIsMeant(order: String, initials: String) throws {
        let order = try TaskOrder(parsing: order, in: QueryFixture.context)
        let found = try Self.evaluator().ordered(by: order) { task in
            task.priority.map { $0 == .critical ? 2 : 1 } ?? 0
        }
        #expect(found.map { $0.prefix(1) }.joined() == initials)
    }

    /// `not` is the exact opposite, and the two laws of De Morgan hold, whatever values are missing.
    @Test func queriesAreTwoValued() throws {
        let evaluator = try Self.evaluator()
        let random = RandomQuery(
            context: QueryFixture.context, texts: ["deploy", "db", "ada", "acme", "web", "x"],
            prefixes: ["aaaa", "bbbb", "gggg"])
        let everything = Set(evaluator.matching(.everything))
        var generator = SeededGenerator(seed: 32)
        for _ in 0..<500 {
            let (left, right) = (random.next(using: &generator), random.next(using: &generator))
            let (a, b) = (Set(evaluator.matching(left)), Set(evaluator.matching(right)))
            #expect(Set(evaluator.matching(.not(left))) == everything.subtracting(a))
            #expect(Set(evaluator.matching(.all(of: [left, right]))) == a.intersection(b))
            #expect(Set(evaluator.matching(.any(of: [left, right]))) == a.union(b))
        }
    }

    @Test(arguments: [("9999-12-31", 0), ("9999-12-31", 36_000), ("0000-01-01", 0), ("0000-01-01", 36_000)])
    func theEndsOfTheCalendarAreBoundsThatCanBeKept(phrase: String, offset: Int) throws {
        let day = try #require(QueryMoment(phrase, now: QueryFixture.now, utcOffset: { _ in offset }))
        for comparison in QueryComparison.allCases {
            let bounds = day.bounds(comparison)
            for bound in [bounds.from, bounds.to].compactMap({ $0 }) {
                #expect(Timestamp(iso8601: bound.iso8601) == bound)
            }
        }
        let bounds = day.bounds(.equal)
        #expect((bounds.from ?? QueryFixture.now) < (bounds.to ?? QueryFixture.now))
    }
}
