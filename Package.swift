// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
/// A command runs where it is called, on the main thread: a program that starts no thread starts sooner.
let calledInPlace = strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

/// A Swift target with the settings every target of the project shares.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [], exclude: [String] = [],
    settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "minsky",
    products: [.executable(name: "minsky", targets: ["minsky"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", .upToNextMinor(from: "7.10.0")),
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/apple/swift-crypto", .upToNextMinor(from: "4.5.2")),
        .package(url: "https://github.com/LebJe/TOMLKit", .upToNextMinor(from: "0.6.0")),
    ],
    targets: [
        module("MinskyModel"),
        module("MinskyFormats", ["MinskyModel"]),
        module("MinskySQL", ["MinskyModel"]),
        module("MinskySQLite", ["MinskySQL", "MinskyModel", grdb, grdbSQLite]),
        .target(name: "CLibPQ"),
        module("MinskyPostgres", ["MinskySQL", "MinskyModel", "CLibPQ"]),
        module("MinskyStore", ["MinskySQL", "MinskyModel", crypto]),
        .target(name: "CCurl"),
        module("MinskyHTTP", ["MinskyModel", "CCurl"]),
        module("MinskyAI", ["MinskyHTTP", "MinskyModel", crypto], resources: [.embedInCode("Playbooks")]),
        module(
            "MinskyApp",
            [
                "MinskyStore", "MinskyAI", "MinskyFormats", "MinskySQL", "MinskySQLite", "MinskyPostgres",
                "MinskyModel",
                "TOMLKit", crypto,
            ]),
        .target(name: "CTerminal"),
        module(
            "MinskyCLI",
            ["CTerminal", "MinskyApp", "MinskyStore", "MinskyAI", "MinskySQL", "MinskyModel", argumentParser],
            // Links to what of the documentation `minsky help` shows.
            resources: [.embedInCode("Topics")], settings: calledInPlace),
        .executableTarget(
            name: "minsky", dependencies: ["MinskyCLI"], swiftSettings: calledInPlace,
            // Symbols are of no use to anyone who runs it.
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "-s"], .when(platforms: [.linux], configuration: .release))
            ]),

        .target(
            name: "TestSupport",
            dependencies: ["MinskySQL", "MinskySQLite", "MinskyPostgres", "MinskyModel"],
            path: "Tests/TestSupport", swiftSettings: strict),
        tests("MinskyModelTests", ["MinskyModel"]),
        tests("MinskyFormatsTests", ["MinskyFormats", "MinskyModel"], exclude: ["Fixtures"]),
        tests("MinskyStoreTests", ["MinskyStore", "MinskySQL", "MinskySQLite", "MinskyPostgres", "MinskyModel"]),
        tests("MinskySyncTests", ["MinskyStore", "MinskySQL", "MinskyModel"]),
        tests("MinskyHTTPTests", ["MinskyHTTP"]),
        tests(
            "MinskyAITests", ["MinskyAI", "MinskyHTTP", "MinskyModel"],
            exclude: ["labelled-titles.tsv", "unseen-titles.tsv"]),
        tests("MinskyAppTests", ["MinskyApp", "MinskyStore", "MinskyAI", "MinskySQL", "MinskyModel"]),
        tests("MinskyCLITests", ["MinskyCLI", "MinskyModel"]),
    ]
)
