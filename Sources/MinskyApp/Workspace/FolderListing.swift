enum FolderListing {
    /// The names of the files in a folder that end in a certain way, sorted; none when there is no such folder.
    /// - Throws: `AppError` with code `.file`.
    static func names(in folder: String, ending: String) throws -> [String] {
        guard FileAccess.isDirectory(folder) else { return [] }
        return try FileAccess.names(in: folder).filter { $0.hasSuffix(ending) }.sorted()
    }
}
