# frozen_string_literal: true

require_relative "polyshm_case"
require "open3"
require "rbs"
require "yard"

# What is public is documented (YARD, in lib/) and has a signature (RBS, in sig/), and nothing else is.
class InterfaceTest < PolyshmCase
  BINDING = File.expand_path("../../../bindings/ruby", __dir__)
  SIGNATURES = File.join(BINDING, "sig")
  SOURCES = Dir[File.join(BINDING, "lib/**/*.rb")].sort.freeze
  CLASSES = [SharedMemory, ShareableList, SharedMemoryManager, Polyshm::Error].freeze

  # The names of one module, each as a Rubyist writes it: ".create", "#size".
  def names(singleton, instance)
    singleton.map { |name| ".#{name}" }.to_set | instance.map { |name| "##{name}" }
  end

  def names_that_run(mod)
    names(mod.singleton_methods(false), mod.public_instance_methods(false))
  end

  def names_in_signature(mod)
    type = RBS::TypeName.new(name: mod.name.split("::").last.to_sym,
                             namespace: RBS::Namespace.parse("::#{mod.name}").parent)
    names(*[builder.build_singleton(type), builder.build_instance(type)].map do |definition|
      definition.methods.select { |_, method| method.implemented_in == type && method.public? }.keys
    end)
  end

  def names_in_documentation(mod)
    YARD.parse(SOURCES, [], Logger::ERROR) unless YARD::Registry.at("Polyshm")
    found = YARD::Registry.at(mod.name).meths(inherited: false, visibility: :public)
    found.map { |method| "#{method.scope == :class ? '.' : '#'}#{method.name}" }.to_set
  end

  # Once for all tests, since it reads the signatures of all that Ruby has.
  def self.builder
    @builder ||= begin
      loader = RBS::EnvironmentLoader.new
      loader.add(path: Pathname(SIGNATURES))
      RBS::DefinitionBuilder.new(env: RBS::Environment.from_loader(loader).resolve_type_names)
    end
  end

  def builder
    self.class.builder
  end

  def test_every_public_method_has_a_signature_and_the_other_way_round
    [Polyshm, *CLASSES].each { |mod| assert_equal names_that_run(mod), names_in_signature(mod), mod }
  end

  def test_every_public_method_is_documented_and_the_other_way_round
    [Polyshm, *CLASSES].each { |mod| assert_equal names_that_run(mod), names_in_documentation(mod), mod }
  end

  # A view mends methods of IO::Buffer's, and has none besides.
  def test_a_view_has_the_methods_of_an_io_buffer
    assert_empty View.instance_methods - IO::Buffer.instance_methods
    assert_equal %w[#slice #transfer].to_set, names_in_signature(View)
    assert_equal names_in_signature(View), names_in_documentation(View)
  end

  def test_every_public_constant_has_a_signature_and_the_other_way_round
    declared = builder.env.constant_decls.keys.map(&:to_s).grep(/\A::Polyshm/)
    declared += builder.env.class_decls.keys.map(&:to_s).grep(/\A::Polyshm::/)
    assert_equal declared.sort, Polyshm.constants.map { |name| "::Polyshm::#{name}" }.sort
    CLASSES.each { |mod| assert_empty mod.constants(false), mod }
  end

  def test_yard_finds_nothing_undocumented_and_warns_of_nothing
    output, status = Open3.capture2e("yard", "stats", "--no-save", "--no-cache", "--fail-on-warning", "--list-undoc",
                                     *SOURCES)
    assert_predicate status, :success?, output
    assert_match(/^\s*100.00% documented$/, output)
  end

  def test_the_signatures_are_valid
    rbs = Gem.bin_path("rbs", "rbs")
    output, status = Open3.capture2e(RbConfig.ruby, rbs, "-I", SIGNATURES, "validate", "--silent")
    assert_predicate status, :success?, output
  end

  # Each call of a program, with its arguments, its result and what its blocks get, held against its signature.
  def run_checked(*arguments)
    variables = { "RBS_TEST_TARGET" => "Polyshm,Polyshm::*", "RBS_TEST_OPT" => "-I #{SIGNATURES}",
                  "RBS_TEST_SAMPLE_SIZE" => "ALL", "RBS_TEST_LOGLEVEL" => "error", "POLYSHM_CASES" => "5",
                  "RUBYOPT" => "-W0 -rrbs/test/setup" }
    Open3.capture2e(variables, RbConfig.ruby, *arguments)
  end

  def test_what_runs_is_as_the_signatures_say
    readme = File.read(File.join(BINDING, "README.md")).scan(/^```ruby\n(.*?)^```$/m).join
    [[File.join(__dir__, "property_test.rb")], ["-e", readme]].each do |arguments|
      output, status = run_checked(*arguments)
      assert_predicate status, :success?, output
    end
  end

  def test_what_is_not_as_the_signatures_say_is_noticed
    output, status = run_checked("-e", 'require "polyshm"; Polyshm::ShareableList.create(5)')
    refute_predicate status, :success?
    assert_includes output, "[.create] UnresolvedOverloadingError"
  end
end
