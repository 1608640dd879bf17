import MinskyStore

extension OpenWorkspace {
    /// Makes sure that what a model is about to be paid for can be stored: writes, and takes it back at once.
    /// - Throws: `SQLError` as the writing itself would.
    func requireWritable(as caller: Caller) throws {
        struct TakenBack: Error {}
        do {
            try perform(operation("check", of: caller)) { _ in throw TakenBack() }
        } catch is TakenBack {}
    }
}
