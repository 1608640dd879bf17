import MinskySQL

extension CommandFailure {
    /// What a value must be like that the database has refused, by the names both databases give its checks.
    private static let rules: [(column: String, constraint: String, words: String)] = [
        ("length(tag)", "task_tags_tag_check", "a tag has at most 200 characters"),
        ("length(id) BETWEEN 1 AND 200", "actors_id_check", "the name of an actor has at most 200 characters"),
        ("length(actor)", "operations_actor_check", "the name of an actor has at most 200 characters"),
        ("length(model)", "embeddings_model_check", "the name of an embedding model has at most 200 characters"),
        ("length(title)", "tasks_title_check", "a title cannot be empty"),
        ("length(rank)", "tasks_rank_check", "there is no room left between these tasks; move one of them elsewhere"),
        ("estimate_minutes", "tasks_estimate_minutes_check", "an estimate is more than nothing"),
        ("complexity", "tasks_complexity_check", "a complexity is from 1 to 10"),
        ("length(external_ref)", "tasks_external_ref_check", "a reference has at most 600 characters"),
    ]

    /// The failure of a value that the schema does not allow.
    init(constraint error: SQLError) {
        let isCheck = error.message.contains("CHECK constraint") || error.message.contains("check constraint")
        let rule = Self.rules.first { error.message.contains($0.column) || error.message.contains($0.constraint) }
        switch rule {
        case let rule? where isCheck: self.init(.failed, "the database refused a value: \(rule.words)")
        case _ where isCheck:
            self.init(
                .failed, "the database refused a value that breaks one of its rules",
                hint: "minsky doctor looks for what else is wrong.")
        default: self.init(.failed, "the database refused a value: \(error)")
        }
    }
}
