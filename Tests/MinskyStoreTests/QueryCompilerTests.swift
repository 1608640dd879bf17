import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("Queries in SQL mean what they say, on both databases", .timeLimit(.minutes(10)))
struct QueryCompilerTests {
    static let now = Timestamp(iso8601: "2026-11-20T10:30:15Z") ?? Timestamp(microseconds: 0)
    static let context = QueryContext(
        now: now, utcOffset: { _ in 0 }, actor: "ada",
        customFields: [
            CustomField("customer", .text), CustomField("price", .number), CustomField("review", .date),
            CustomField("spent", .duration),
        ])
    private static let texts = [
        "deploy", "Deploy", "DEPLOY the shop", "db", "ada", "acme", "web", "web.api", "web.", "website", "x", "100%",
        "a_b",
        #"back\slash"#, "Über", "über", "ÜBER", "straße", "STRASSE", "é", "e\u{301}", "日本", "[a]*?", "]^ü", "(ü|.)+",
        "ǆ", "Σίσυφος", "I", "'", "\"", "{}",
    ]

    /// Tasks of every kind, the same on each database.
    private func tasks(_ random: inout SeededGenerator, count: Int) -> [TaskItem] {
        func pick<T>(_ values: [T]) -> T? { Bool.random(using: &random) ? values.randomElement(using: &random) : nil }
        func moment() -> Timestamp? {
            let seconds = [-40, -14, -7, -3, -1, 0, 1, 2, 5, 30].map { $0 * 86_400 } + [-1, 0, 1, 24_285]
            return pick(seconds).map { Self.now.adding(seconds: $0) }
        }
        var tasks: [TaskItem] = []
        for index in 0..<count {
            let id =
                String(repeating: String("abcdefgh".randomElement(using: &random) ?? "a"), count: 3) + "\(1000 + index)"
            var task = TaskItem(
                id: id.padding(to: 16), title: Self.texts.randomElement(using: &random) ?? "x",
                rank: "i\(1000 + index)",
                createdAt: moment() ?? Self.now)
            task.createdBy = pick(["ada", "bob"])
            task.description = pick(Self.texts)
            task.priority = pick(TaskPriority.allCases)
            task.assignee = pick(["ada", "bob", "web"])
            task.project = pick(["web", "web.api", "website", "db", "web/x", "Web"])
            (task.dueAt, task.waitUntil, task.scheduledAt, task.untilAt) = (moment(), moment(), moment(), moment())
            task.estimateMinutes = pick([1, 30, 90, 120, 200])
            task.complexity = pick(Array(1...10))
            task.recurrence = pick(["every week from 2026-11-20 17:00:00 in UTC"])
            task.tags = Array(
                Set([pick(Self.texts.filter { !$0.contains(" ") }), pick(["next", "db"])].compactMap { $0 })
            ).sorted()
            task.parentID = pick(tasks.map(\.id))
            let path = tasks.first { $0.id == task.parentID }.map { [$0.id] } ?? []
            if let other = pick(tasks.map(\.id)), !path.contains(other) { task.dependsOn = [other] }
            task.move(to: pick(TaskStatus.allCases) ?? .todo, at: moment() ?? Self.now)
            var members: [JSON.Member] = []
            if let text = pick(Self.texts) { members.append(.init("customer", .string(text))) }
            if let number = pick([-1.5, 0, 2, 2.5, 5]) {
                members.append(.init("price", JSONNumber(number).map(JSON.number) ?? .null))
            }
            if let date = moment() { members.append(.init("review", .string(date.iso8601))) }
            if let minutes = pick([0, 30, 90]) { members.append(.init("spent", .integer(Int64(minutes)))) }
            if Bool.random(using: &random), Bool.random(using: &random) {
                // What is of another kind than the field counts for nothing.
                members = members.map { .init($0.key, pick([.null, "x", 1, true, ["a"]]) ?? $0.value) }
            }
            task.metadata = .object(members)
            tasks.append(task)
        }
        return tasks
    }

    private func store(_ kind: TestDatabase, _ tasks: [TaskItem], notes: [String: [String]]) throws -> StoreFixture {
        let fixture = try StoreFixture(kind)
        try fixture.store.perform(fixture.operation()) { session in
            for task in tasks { try session.insert(task) }
            for (id, bodies) in notes {
                for (index, body) in bodies.enumerated() {
                    try session.writer.execute(
                        """
                        INSERT INTO notes (id, task_id, body, author, created_at, updated_at)
                        VALUES (\(("n\(index)" + id.suffix(14)).padding(to: 16)), \(id), \(body), 'ada', \(Self.now), \(Self.now))
                        """)
                }
            }
        }
        // An insert notes its own moment.
        try fixture.store.perform(fixture.operation()) { session in
            for task in tasks {
                try session.writer.execute("UPDATE tasks SET created_at = \(task.createdAt) WHERE id = \(task.id)")
            }
            if let last = tasks.last {
                try session.writer.execute("UPDATE tasks SET deleted_at = \(Self.now) WHERE id = \(last.id)")
            }
        }
        return fixture
    }

    @Test(arguments: TestDatabase.shared)
    func theyFindWhatTheReferenceFinds(kind: TestDatabase) throws {
        var random = SeededGenerator(seed: 44)
        let made = tasks(&random, count: 60)
        let notes = Dictionary(
            uniqueKeysWithValues: made.prefix(12).map { ($0.id, Array(Self.texts.shuffled(using: &random).prefix(2))) })
        let fixture = try store(kind, made, notes: notes)
        let stored = try fixture.store.read { try $0.tasks() }
        #expect(stored.count == 59)
        let evaluator = QueryEvaluator(stored, surroundings: notes.mapValues { .init(notes: $0) }, now: Self.now)
        let queries = RandomQuery(
            context: Self.context, texts: Self.texts, prefixes: ["aaaa", "aaa1", "bbb", "ccc1", "zzzz"])
        var sizes: Set<Int> = []
        for _ in 0..<600 {
            let query = queries.next(using: &random)
            let found = try fixture.store.read { try $0.tasks(TaskFilter(TaskSelection(query), now: Self.now)) }
            #expect(found.map(\.id) == evaluator.matching(query), "\(query.text)")
            #expect(found.allSatisfy { task in stored.contains(task) }, "with tags and dependencies")
            sizes.insert(found.count)
        }
        #expect(sizes.count > 30, "the queries are worth something")
    }

    @Test(arguments: TestDatabase.shared)
    func theyOrderAsTheReferenceDoes(kind: TestDatabase) throws {
        var random = SeededGenerator(seed: 45)
        let made = tasks(&random, count: 80)
        let notes = Dictionary(
            uniqueKeysWithValues: made.prefix(20).enumerated().map { index, task in
                (task.id, Array(Self.texts.prefix(index % 4)))
            })
        let fixture = try store(kind, made, notes: notes)
        let stored = try fixture.store.read { try $0.tasks() }
        let evaluator = QueryEvaluator(stored, now: Self.now)
        var coefficients = UrgencyCoefficients()
        coefficients.inProject = ["web": 2.5, "web.api": -1]
        coefficients.tag["db"] = 3
        let blocked = Set(evaluator.matching(.condition(.state(.blocked))))
        let blocking = Set(evaluator.matching(.condition(.state(.blocking))))
        func urgency(_ task: TaskItem) -> Double {
            let facts = UrgencyFacts(
                task, noteCount: notes[task.id]?.count ?? 0,
                isBlocked: blocked.contains(task.id), isBlocking: blocking.contains(task.id))
            return (Urgency(of: facts, now: Self.now, coefficients: coefficients).total * 1e4).rounded()
        }
        #expect(Set(stored.map(urgency)).count > 40)
        let keys =
            ["urgency", "rank"]
            + (QueryField.all + Self.context.customFields.map(QueryField.custom))
            .filter(\.isSortable).map(\.key)
        for key in keys {
            for text in [key, "-\(key)", "\(key),-created,id"]
            where Set(text.split(separator: ",")).count == text.split(separator: ",").count {
                guard let order = try? TaskOrder(parsing: text, in: Self.context) else { continue }
                let filter = TaskFilter(
                    TaskSelection(.everything, order: order), now: Self.now, coefficients: coefficients)
                let found = try fixture.store.read { try $0.tasks(filter) }.map(\.id)
                #expect(found == evaluator.ordered(by: order, urgency: urgency), "\(text)")
                var few = filter
                few.selection.limit = 7
                #expect(try fixture.store.read { try $0.tasks(few) }.map(\.id) == Array(found.prefix(7)))
            }
        }
    }

    /// What is asked most finds its rows by an index.
    @Test(arguments: [
        ("due<2026-11-21", "open_tasks_by_due"), ("+db", "task_tags_by_tag"), ("id:abcd", "tasks"),
        ("parent:abcd", "tasks_by_parent"),
    ])
    func indexesAreUsed(query: String, index: String) throws {
        let fixture = try StoreFixture(.sqliteFile)
        _ = try fixture.addTasks(50)
        let recorder = RecordingDatabase(fixture.store.database)
        let store = try Store(opening: recorder)
        var filter = TaskFilter(try TaskSelection(parsing: query, in: Self.context), now: Self.now)
        filter.statuses = [.todo, .doing]
        _ = try store.read { try $0.tasks(filter) }
        let statement = try #require(
            recorder.statements.value.first { $0.text(for: .sqlite).contains("FROM tasks WHERE deleted_at IS NULL") })
        let plan = try fixture.store.database.read { connection in
            try connection.rows("EXPLAIN QUERY PLAN " + statement) { try $0.text(3) }
        }
        #expect(plan.contains { $0.hasPrefix("SEARCH") && $0.contains(index) }, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN tasks") }, "\(plan)")
    }

    /// One task with what is no JSON does not stop the others.
    @Test func whatIsNoJSONHasNoFields() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let tasks = try fixture.addTasks(2)
        try fixture.store.database.write {
            try $0.executeScript("PRAGMA ignore_check_constraints = ON")
            try $0.execute("UPDATE tasks SET metadata = '{\"price\": 5' WHERE id = \(tasks[0])")
            try $0.execute("UPDATE tasks SET metadata = '{\"price\": 5}' WHERE id = \(tasks[1])")
        }
        for text in ["price>1", "has:price sort:price"] {
            let selection = try TaskSelection(parsing: text, in: Self.context)
            let found = try fixture.store.read { try $0.tasks(TaskFilter(selection, now: Self.now)) }
            #expect(found.map(\.id) == [tasks[1]], "\(text)")
        }
    }
}

extension String {
    fileprivate func padding(to length: Int) -> String {
        String((self + String(repeating: "0", count: length)).prefix(length))
    }
}
