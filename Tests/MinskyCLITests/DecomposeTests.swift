import MinskyModel
import TestSupport
import Testing

@Suite("Breaking a task down with a model, on both databases")
struct DecomposeTests {
    @Test(arguments: Storage.allCases)
    func parentAndSubtasksAreStored(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel()
        let answer = try minsky.json("tasks", "decompose", "Build user authentication", environment: model.environment)
        #expect(answer["provider"] == "openai-compatible")
        #expect(answer["model"] == "tiny")
        #expect(answer["usage"] == ["inputTokens": 11, "outputTokens": 22])
        let stored = try #require(try minsky.json("list").array)
        #expect(
            stored.map { $0["title"] } == [
                "Build user authentication", "Model accounts", "Check passwords", "Write tests",
            ])
        #expect(JSON.array(stored) == .array([try #require(answer["parent"])] + (answer["subtasks"]?.array ?? [])))
        let parts = stored.dropFirst()
        #expect(parts.allSatisfy { $0["parentId"] == stored[0]["id"] })
        #expect(parts.map { $0["description"] } == ["It is there.", "It is there.", "It is there."])
        #expect(parts.map { $0["estimateMinutes"] } == [30, 60, 90])
        #expect(parts.map { $0["complexity"] } == [2, 3, 4])
        let ids = parts.compactMap { $0["id"]?.string }
        #expect(parts.map { $0["dependsOn"] } == [[], [.string(ids[0])], .array(ids[0..<2].sorted().map(JSON.string))])
    }

    @Test(arguments: Storage.allCases)
    func embeddingsAreStoredAsLittleEndianFloats(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel()
        try minsky.ok("tasks", "decompose", "Build user authentication", environment: model.environment)
        let hex = storage == .sqlite ? "lower(hex(vector))" : "encode(vector, 'hex')"
        let rows = try minsky.sql(
            """
            SELECT title, model, dims, \(hex) FROM embeddings JOIN tasks ON id = owner_id
            WHERE owner_table = 'tasks' ORDER BY parent_id IS NOT NULL, rank
            """)
        #expect(
            rows == """
                Build user authentication|tiny-embed|3|0000803f0000003f000000c0
                Model accounts|tiny-embed|3|000000400000003f000000c0
                Check passwords|tiny-embed|3|000040400000003f000000c0
                Write tests|tiny-embed|3|000080400000003f000000c0
                """)
        let asked = try JSON(parsing: try #require(model.server.requests.last).body)
        #expect(asked["model"] == "tiny-embed")
        #expect(asked["input"]?[1] == "Model accounts\n\nIt is there.")
    }

    @Test(arguments: Storage.allCases)
    func everythingIsOneOperationThatUndoTakesBack(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel()
        try minsky.ok("tasks", "decompose", "Build user authentication", environment: model.environment)
        let logged = "FROM changes WHERE table_name IN ('tasks', 'task_dependencies', 'embeddings', 'ai_calls')"
        #expect(try minsky.sql("SELECT count(*), count(DISTINCT operation) \(logged)") == "13|1")
        try minsky.ok("undo")
        #expect(try minsky.json("list", "--all") == [])
        #expect(try minsky.count("task_dependencies") == 0)
        #expect(try minsky.count("embeddings") == 0)
        #expect(try minsky.count("ai_calls") == 2, "what was paid for stays on record")
    }

    @Test(arguments: Storage.allCases)
    func callsAreRecordedWithTheirTokens(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel()
        let answer = try minsky.json(
            "tasks", "decompose", "A task", environment: model.environment.merging(["MINSKY_ACTOR": "grace"]) { $1 })
        let id = try #require(answer["parent"]?["id"]?.string)
        let columns = "actor, purpose, task_id, provider, model, input_tokens, output_tokens, outcome"
        #expect(
            try minsky.sql("SELECT \(columns) FROM ai_calls ORDER BY purpose") == """
                grace|decompose|\(id)|openai-compatible|tiny|11|22|ok
                grace|embed|\(id)|openai-compatible|tiny-embed|7|0|ok
                """)
    }

    @Test(arguments: Storage.allCases)
    func anExistingTaskGetsTheSubtasks(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel()
        let above = try minsky.add("Above")
        let id = try minsky.add("Existing", "-d", "with words", "-p", "high", "--parent", above)
        _ = try minsky.add("Beside", "--parent", above)
        _ = try minsky.add("First part", "--parent", id)
        let answer = try minsky.json("tasks", "decompose", String(id.prefix(6)), environment: model.environment)
        #expect(answer["parent"]?["id"] == .string(id))
        #expect(answer["parent"]?["priority"] == "high")
        #expect(
            try minsky.json("show", id)["subtasks"]?.titles
                == ["First part", "Model accounts", "Check passwords", "Write tests"])
        let prompt = try #require(try model.questions()[0]["messages"]?[1]?["content"]?.string)
        for part in ["Task: Existing", "with words", "Part of: Above", "- First part", "- Beside"] {
            #expect(prompt.contains(part))
        }
        try minsky.ok("undo")
        #expect(try minsky.json("show", id)["subtasks"]?.titles == ["First part"])
    }

    @Test(arguments: Storage.allCases)
    func aDryRunStoresNothing(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel()
        let result = try minsky.run("tasks", "decompose", "A task", "--dry-run", environment: model.environment)
        #expect(
            result.output == """
                A task
                 1. Model accounts (30m, complexity 2)
                 2. Check passwords (1h, complexity 3, after 1)
                 3. Write tests (1h30m, complexity 4, after 1, 2)

                """)
        #expect(result.errors == "Broken down by tiny. Nothing was stored.\n")
        let answer = try minsky.json("tasks", "decompose", "A task", "--dry-run", environment: model.environment)
        #expect(answer["subtasks"]?.titles == ["Model accounts", "Check passwords", "Write tests"])
        for table in ["tasks", "task_dependencies", "embeddings"] { #expect(try minsky.count(table) == 0) }
        #expect(try minsky.failure("undo").exitCode == 3)
    }

    @Test func theQuestionCarriesWhatWasAsked() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        try minsky.write("Use passkeys.", to: minsky.folder + "/notes.txt")
        try minsky.ok(
            "tasks", "decompose", "A task", "-d", "In a hurry", "--count", "3", "--context", "notes.txt",
            environment: model.environment)
        let question = try model.questions()[0]
        #expect(question["stream"] == true)
        #expect(question["max_tokens"] == 4096)
        let schema = question["response_format"]?["json_schema"]
        #expect(schema?["strict"] == true)
        let count = schema?["schema"]?["properties"]?["subtasks"]
        #expect([count?["minItems"], count?["maxItems"]] == [3, 3])
        let prompt = try #require(question["messages"]?[1]?["content"]?.string)
        for part in ["Task: A task", "In a hurry", "Use passkeys.", "exactly 3 subtasks"] {
            #expect(prompt.contains(part))
        }
        #expect(try minsky.json("list")[0]?["description"] == "In a hurry")
    }

    @Test(arguments: [[0x61, 0xFF, 0x62], [0x61, 0, 0x62], [UInt8](repeating: 0x61, count: 1 << 20 | 1)])
    func contextThatIsNoTextIsRefused(bytes: [UInt8]) throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        try minsky.write(bytes, to: minsky.folder + "/notes")
        let failure = try minsky.failure(
            "tasks", "decompose", "A task", "--context", "notes", environment: model.environment)
        #expect(failure.exitCode == 2)
        #expect(model.server.requests.isEmpty)
    }

    @Test func aDescriptionIsForANewTaskOnly() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        #expect(try minsky.failure("tasks", "decompose", id, "-d", "words").exitCode == 2)
        #expect(try minsky.json("show", id)["description"] == .null)
    }

    @Test(arguments: Storage.allCases)
    func peopleSeeTheTreeAndWhereItComesFrom(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel()
        let result = try minsky.run("tasks", "decompose", "A task", environment: model.environment)
        #expect(result.lines.map { $0.contains("[.]") } == [false, false, false, true, true])
        #expect(result.errors == "Broken down by tiny. minsky undo takes it back.\n")
        let again = try minsky.run("tasks", "decompose", "A task", environment: model.environment)
        #expect(again.errors.contains("There is another open task with this title: "))
    }

    /// `script` gives the program a terminal.
    @Test func onATerminalTheTitlesAppearAsTheyArrive() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let output = try minsky.shell(
            #"script -qec '"$minsky" --no-color tasks decompose "A task"' /dev/null"#, environment: model.environment
        ).output
        let lines = output.split(whereSeparator: \.isNewline)
        #expect(
            lines.prefix(4) == ["Asking the model …", "  + Model accounts", "  + Check passwords", "  + Write tests"])
    }

    @Test func withoutAnEmbeddingModelTheVectorsAreLocal() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let environment = model.environment.filter { $0.key != "MINSKY_AI_EMBEDDING_MODEL" }
        try minsky.ok("tasks", "decompose", "A task", environment: environment)
        #expect(try minsky.sql("SELECT DISTINCT model, dims FROM embeddings") == "builtin-hash-256|256")
        #expect(model.server.requests.map(\.path) == ["/v1/chat/completions"])
    }

    @Test func embeddingsMayComeFromAnotherServer() throws {
        let minsky = try Minsky(.sqlite)
        let (chat, embeddings) = (try FakeModel(), try FakeModel())
        let environment = chat.environment.merging(["MINSKY_AI_EMBEDDING_BASE_URL": embeddings.baseURL]) { $1 }
        try minsky.ok("tasks", "decompose", "A task", environment: environment)
        #expect(chat.server.requests.map(\.path) == ["/v1/chat/completions"])
        #expect(embeddings.server.requests.map(\.path) == ["/v1/embeddings"])
    }

    @Test(arguments: Storage.allCases)
    func anAnswerWithAMistakeIsRepaired(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel(chat: { request, connection in
            let isFirst = (try? JSON(parsing: request.body))?["messages"]?.array?.count == 2
            (isFirst ? FakeModel.streaming(#"{"subtasks":[]}"#) : FakeModel.good)(request, connection)
        })
        let answer = try minsky.json("tasks", "decompose", "A task", environment: model.environment)
        #expect(answer["subtasks"]?.titles.count == 3)
        #expect(answer["usage"] == ["inputTokens": 22, "outputTokens": 44])
        #expect(try minsky.sql("SELECT count(*) FROM ai_calls WHERE purpose = 'decompose'") == "2")
    }

    @Test func theModelsCanBeTried() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let test = try minsky.json("ai", "test", environment: model.environment)
        #expect(test["chat"]?["detail"] == "3 subtasks")
        #expect(test["embedding"]?["detail"] == "3 dimensions")
        #expect(try minsky.count("tasks") == 0)
        #expect(try minsky.sql("SELECT DISTINCT purpose FROM ai_calls") == "test")
    }
}
