import Testing

@testable import MinskyAI

struct BuiltinPlannerTests {
    static let cake = """
        # Bake a cake
        For: cake, bake

        ## 1. Choose {subject}
        Estimate: 30m
        Complexity: 5

        About {subject}.

        ## 2. Heat the oven
        Estimate: 10m
        Complexity: 1
        After: 1
        When: oven, hot

        ## 3. Buy {item}
        Estimate: 1h
        Complexity: 3
        After: 2
        Each: item

        ## 4. Bake {subject}
        Estimate: 2h
        Complexity: 7
        After: 2, 3
        """

    private func planner(own: [(name: String, markdown: String)] = [("cake", cake)], earlier: [EarlierBreakdown] = [])
        throws -> BuiltinPlanner
    {
        BuiltinPlanner(library: try PlaybookLibrary(own: own), earlier: earlier)
    }

    private func plan(_ request: BreakdownRequest, earlier: [EarlierBreakdown] = []) async throws -> Breakdown {
        try await planner(earlier: earlier).breakDown(request) { _ in }
    }

    private func expectValid(_ subtasks: [PlannedSubtask], sourceLocation: SourceLocation = #_sourceLocation) {
        for (index, subtask) in subtasks.enumerated() {
            #expect(
                subtask.dependsOn.allSatisfy { (0..<index).contains($0) }, "\(subtask)", sourceLocation: sourceLocation)
            #expect(subtask.dependsOn == Set(subtask.dependsOn).sorted(), "\(subtask)", sourceLocation: sourceLocation)
        }
    }

    @Test func saysWhereItComesFromAndPretendsNothing() async throws {
        let breakdown = try await plan(BreakdownRequest(title: "Bake a wedding cake"))
        #expect(breakdown.provider == "builtin")
        #expect(breakdown.model == "playbook:cake")
        #expect(breakdown.usage == nil)
        #expect(breakdown.origin == "From the playbook “Bake a cake”; no model was asked.")
    }

    @Test func theSubjectIsFilledIn() async throws {
        let subtasks = try await plan(BreakdownRequest(title: "Bake a wedding cake")).subtasks
        #expect(subtasks.map(\.title) == ["Choose wedding cake", "Buy wedding cake", "Bake wedding cake"])
        #expect(subtasks.first?.description == "About wedding cake.")
        #expect(subtasks.map(\.estimateMinutes) == [30, 60, 120])
        #expect(subtasks.map(\.complexity) == [5, 3, 7])
    }

    @Test func aStepForEachItemIsRepeatedAndWaitedFor() async throws {
        let subtasks = try await plan(
            BreakdownRequest(title: "Bake a cake", description: "Needs:\n- flour\n- eggs\n- milk")
        ).subtasks
        #expect(subtasks.map(\.title) == ["Choose cake", "Buy flour", "Buy eggs", "Buy milk", "Bake cake"])
        #expect(subtasks.map(\.dependsOn) == [[], [0], [0], [0], [0, 1, 2, 3]])
    }

    @Test func aListWithoutEndIsCutAt20Items() async throws {
        let description = (1...100).map { "- item \($0)" }.joined(separator: "\n")
        let subtasks = try await plan(BreakdownRequest(title: "Bake a cake", description: description)).subtasks
        #expect(subtasks.count { $0.title.hasPrefix("Buy item") } == 20)
        #expect(subtasks.count <= BreakdownRequest.maximumCount)
        expectValid(subtasks)
    }

    @Test(arguments: [
        BreakdownRequest(title: "Bake a cake in the oven"),
        BreakdownRequest(title: "Bake a cake", description: "It must be hot."),
        BreakdownRequest(title: "Bake a cake", context: "We have two ovens."),
    ])
    func aConditionalStepIsThereWhenNamed(request: BreakdownRequest) async throws {
        let subtasks = try await plan(request).subtasks
        #expect(subtasks.count == 4)
        #expect(subtasks[1].title == "Heat the oven")
        #expect(subtasks.map(\.dependsOn) == [[], [0], [1], [1, 2]])
    }

    @Test(arguments: ["a cake", "a cake with chocolate", "a cake for the hotel"])
    func andOtherwiseItsFollowersWaitForWhatItWaitedFor(title: String) async throws {
        let subtasks = try await plan(BreakdownRequest(title: "Bake " + title)).subtasks
        #expect(!subtasks.contains { $0.title == "Heat the oven" })
        #expect(subtasks.map(\.dependsOn) == [[], [0], [0, 1]])
    }

    @Test func subtasksAreAnnouncedAsTheyAre() async throws {
        let titles = Log<String>()
        let breakdown = try await planner().breakDown(BreakdownRequest(title: "Bake a cake", count: 2)) {
            titles.add($0)
        }
        #expect(titles.all == breakdown.subtasks.map(\.title))
        #expect(titles.all.count == 2)
    }

    @Test func existingSubtasksAreNotRepeated() async throws {
        let subtasks = try await plan(BreakdownRequest(title: "Bake a cake", existing: ["BUY cake", "Something else"]))
            .subtasks
        #expect(subtasks.map(\.title) == ["Choose cake", "Bake cake"])
        #expect(subtasks.map(\.dependsOn) == [[], [0]])
    }

    @Test func nothingIsAddedWhenEverythingIsThere() async throws {
        let request = BreakdownRequest(title: "Bake a cake", existing: ["Choose cake", "Buy cake", "Bake cake"])
        let error = try await #require(throws: AIError.self) { try await plan(request) }
        #expect(error.code == .nothingNew)
        #expect(error.message.contains("playbook:cake"))
    }

    @Test func theSimplestStepsAreLeftOutFirst() async throws {
        let subtasks = try await plan(BreakdownRequest(title: "Bake a cake in the oven", count: 2)).subtasks
        #expect(subtasks.map(\.title) == ["Choose cake in the oven", "Bake cake in the oven"])
        #expect(subtasks.map(\.dependsOn) == [[], [0]])
    }
}

/// A breakdown of an earlier task serves a similar one.
struct EarlierBreakdownTests {
    let earlier = EarlierBreakdown(
        id: "abcd", title: "Build the billing page", description: "With invoices.",
        subtasks: [
            PlannedSubtask(
                title: "Design billing page", description: "A sketch of the Billing Page.", estimateMinutes: 60,
                complexity: 3),
            PlannedSubtask(
                title: "Rebilling pages are out of scope", estimateMinutes: 30, complexity: 1, dependsOn: [0]),
            PlannedSubtask(title: "Ship", dependsOn: [1]),
        ])

    private func plan(
        _ title: String, description: String? = nil, earlier: [EarlierBreakdown], existing: [String] = [],
        count: Int? = nil
    )
        async throws -> Breakdown
    {
        let planner = BuiltinPlanner(library: try PlaybookLibrary(), earlier: earlier)
        return try await planner.breakDown(
            BreakdownRequest(title: title, description: description, existing: existing, count: count)
        ) { _ in }
    }

    @Test func isReusedWithItsSubjectReplaced() async throws {
        let breakdown = try await plan(
            "Build the billing report page", description: "With invoices.", earlier: [earlier])
        #expect(breakdown.model == "earlier:abcd")
        #expect(
            breakdown.origin == "Taken over from the earlier breakdown of “Build the billing page”; no model was asked."
        )
        #expect(
            breakdown.subtasks.map(\.title) == [
                "Design billing report page", "Rebilling pages are out of scope", "Ship",
            ])
        #expect(breakdown.subtasks.first?.description == "A sketch of the billing report page.")
        #expect(breakdown.subtasks.map(\.dependsOn) == [[], [0], [1]])
        #expect(breakdown.subtasks.map(\.estimateMinutes) == [60, 30, nil])
    }

    @Test func onlyASimilarOne() async throws {
        #expect(try await plan("Learn to play the guitar", earlier: [earlier]).model == "playbook:learning")
    }

    @Test func theMostSimilarOne() async throws {
        var other = earlier
        other.id = "other"
        other.title = "Build the billing page footer"
        #expect(
            try await plan("Build the billing page", description: "With invoices.", earlier: [other, earlier]).model
                == "earlier:abcd")
    }

    @Test func withoutWhatIsThereAlready() async throws {
        let breakdown = try await plan(
            "Build the billing page", description: "With invoices.", earlier: [earlier],
            existing: ["rebilling pages are out of scope"])
        #expect(breakdown.subtasks.map(\.title) == ["Design billing page", "Ship"])
        #expect(breakdown.subtasks.map(\.dependsOn) == [[], [0]])
    }

    @Test func dependenciesOnLaterOnesAreLeftOut() async throws {
        var circle = earlier
        circle.subtasks[0].dependsOn = [0, 2, 99, -1]
        let breakdown = try await plan("Build the billing page", description: "With invoices.", earlier: [circle])
        #expect(breakdown.subtasks.map(\.dependsOn) == [[], [0], [1]])
    }

    @Test func countLimitsItToo() async throws {
        let breakdown = try await plan(
            "Build the billing page", description: "With invoices.", earlier: [earlier], count: 1)
        #expect(breakdown.subtasks.map(\.title) == ["Design billing page"])
    }
}

/// What holds for every playbook that ships.
struct ShippedPlaybooksTests {
    static let names = PlaybookLibrary.shipped.map(\.name)
    private static let library = Result { try PlaybookLibrary() }
    private static let planners = Result { try names.map { ($0, try Forced($0)) } }

    private func playbook(_ name: String) throws -> Playbook {
        try #require(try Self.library.get().playbooks.first { $0.name == name })
    }

    private func forced(_ name: String) throws -> Forced {
        try #require(try Self.planners.get().first { $0.0 == name }).1
    }

    /// Breaks down tasks by this playbook, whatever they are about.
    private struct Forced {
        let name: String
        let planner: BuiltinPlanner

        init(_ name: String) throws {
            let bytes = try #require(PlaybookLibrary.shipped.first { $0.name == name }?.markdown)
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            let markdown = lines.map { $0.hasPrefix("For: ") ? "For: quux" : $0 }.joined(separator: "\n")
            self.name = name
            planner = BuiltinPlanner(library: try PlaybookLibrary(own: [(name, markdown)]), earlier: [])
        }

        func plan(
            _ title: String = "x", _ description: String? = nil, existing: [String] = [], count: Int? = nil
        ) async throws -> [PlannedSubtask] {
            let request = BreakdownRequest(
                title: title + " for the quux", description: description, existing: existing, count: count)
            let breakdown = try await planner.breakDown(request) { _ in }
            #expect(breakdown.model == "playbook:\(name)")
            return breakdown.subtasks
        }
    }

    private func isValid(_ subtasks: [PlannedSubtask]) -> Bool {
        subtasks.indices.allSatisfy { index in
            let list = subtasks[index].dependsOn
            return list.allSatisfy { (0..<index).contains($0) } && list == Set(list).sorted()
        }
    }

    @Test func thereAreAtLeastTenAndAllAreReadable() throws {
        #expect(Self.names.count >= 10)
        #expect(Set(Self.names).count == Self.names.count)
        #expect(Self.names.contains(PlaybookLibrary.fallbackName))
        #expect(try Self.library.get().playbooks.map(\.name) == Self.names)
    }

    @Test(arguments: names) func everyStepSaysWhatIsDone(name: String) throws {
        let playbook = try playbook(name)
        #expect(playbook.steps.count >= 5 && !playbook.summary.isEmpty)
        #expect(Set(playbook.steps.map(\.title)).count == playbook.steps.count)
        for step in playbook.steps { #expect(step.description.count > 40, "\(step.title)") }
        #expect(playbook.steps.filter(\.isEachItem).allSatisfy { $0.title.contains("{item}") })
        // A step nobody asks for always has to be there, or a short task would get none.
        #expect(playbook.steps.count { $0.when.isEmpty } >= 4)
    }

    @Test(arguments: names) func nothingIsLeftToFillIn(name: String) async throws {
        let forced = try forced(name)
        for title in ["Zorblax", "the Grumble & co"] {
            for description in [nil, "- ping\n- pong"] {
                let text = try await forced.plan(title, description).map { $0.title + ($0.description ?? "") }.joined()
                #expect(!text.contains("{") && !text.contains("}"))
            }
        }
    }

    @Test(arguments: names) func dependenciesHoldWhateverIsLeftOut(name: String) async throws {
        let forced = try forced(name)
        let list = "- ping\n- pong\n- pang"
        let all = try await forced.plan("x", list)
        #expect(isValid(all))
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<3 {
            let existing = Array(all.map(\.title).filter { _ in Bool.random(using: &generator) }.dropLast())
            let rest = try await forced.plan("x", list, existing: existing)
            #expect(isValid(rest))
            #expect(rest.map(\.title) == all.map(\.title).filter { !existing.contains($0) })
        }
    }

    @Test(arguments: names) func countGivesExactlyThatManyInTheirOrder(name: String) async throws {
        let forced = try forced(name)
        let all = try await forced.plan("x", "- ping\n- pong")
        let places = Dictionary(all.enumerated().map { ($1.title, $0) }) { first, _ in first }
        for count in [1, all.count / 2, all.count - 1] {
            let subtasks = try await forced.plan("x", "- ping\n- pong", count: count)
            let order = subtasks.compactMap { places[$0.title] }
            #expect(subtasks.count == count && order.count == count)
            #expect(order == order.sorted())
            #expect(isValid(subtasks))
        }
        #expect(try await forced.plan("x", "- ping\n- pong", count: 50).count == all.count)
    }

    @Test(arguments: names) func aLongListStaysWithinFiftySubtasks(name: String) async throws {
        let list = (1...100).map { "- number \($0)" }.joined(separator: "\n")
        let subtasks = try await forced(name).plan("x", list)
        #expect(subtasks.count <= BreakdownRequest.maximumCount)
        #expect(isValid(subtasks))
    }
}
